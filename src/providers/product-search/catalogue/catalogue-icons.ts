export const findCatalogueIcon = async (_slug: string): Promise<Buffer | undefined> => undefined;
