/** What a key may do. `admin` includes the others and sees the tasks of every owner. */
export const SCOPES = ['classify', 'generate', 'tasks', 'metrics', 'admin'] as const;

export type Scope = (typeof SCOPES)[number];

export const isScope = (value: string): value is Scope =>
  (SCOPES as readonly string[]).includes(value);
