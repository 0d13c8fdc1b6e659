/** What we use of Express's router: it keeps no public list of its routes. */
interface Layer {
  readonly route?: {
    readonly path: unknown;
    readonly methods: Readonly<Record<string, boolean>>;
  };
  match(path: string): boolean;
}

const hasRoutes = (value: unknown): value is { readonly router: { readonly stack: Layer[] } } =>
  // The Express application is a function.
  typeof value === 'function' &&
  'router' in value &&
  typeof value.router === 'function' &&
  'stack' in value.router &&
  Array.isArray(value.router.stack);

/** The methods under which a path exists, for 405 and Allow; none when it does not exist at all. */
export const findAllowedMethods = (express: unknown, path: string): readonly string[] => {
  if (!hasRoutes(express)) return [];
  const methods = new Set<string>();
  for (const layer of express.router.stack) {
    if (!layer.route || !matches(layer, path)) continue;
    for (const method of Object.keys(layer.route.methods)) methods.add(method.toUpperCase());
  }
  if (methods.has('GET')) methods.add('HEAD');
  return methods.size === 0 ? [] : [...methods, 'OPTIONS'].toSorted();
};

/** `/tasks/:id` for `/tasks/42`; undefined when no route has this method and path. */
export const findRouteTemplate = (
  express: unknown,
  method: string,
  path: string,
): string | undefined => {
  if (!hasRoutes(express)) return undefined;
  const verb = method === 'HEAD' ? 'get' : method.toLowerCase();
  const template = express.router.stack.find(
    (layer) => layer.route?.methods[verb] === true && matches(layer, path),
  )?.route?.path;
  return typeof template === 'string' ? template : undefined;
};

/** Express throws for a path that cannot be percent-decoded. */
const matches = (layer: Layer, path: string): boolean => {
  try {
    return layer.match(path);
  } catch {
    return false;
  }
};
