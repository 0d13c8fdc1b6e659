export type SqliteValue = null | number | bigint | string;

export interface SqliteRequest {
  readonly id: number;
  readonly sql: string;
  readonly parameters: readonly SqliteValue[];
}

export type SqliteAnswer =
  | {
      readonly id: number;
      readonly rows: readonly Record<string, unknown>[];
      readonly changes: number;
    }
  | {
      readonly id: number;
      readonly error: { readonly message: string; readonly errcode: number };
    };
