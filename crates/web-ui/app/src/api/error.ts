/** A request that was refused or that got no answer. */
export class ApiFailure extends Error {
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** Machine-readable reason, such as `permission_denied`. */
  readonly code: string | undefined;
  /** Id to quote when asking the operator. */
  readonly requestId: string | undefined;
  /** One sentence per problem. */
  readonly errors: readonly string[];
  /** Problems that belong to one field of the request. */
  readonly fields: Readonly<Record<string, readonly string[]>>;
  /** Seconds after which a rate-limited request may be repeated. */
  readonly retryAfter: number | undefined;

  constructor(init: {
    status: number;
    errors: readonly string[];
    code?: string;
    requestId?: string;
    fields?: Record<string, string[]>;
    retryAfter?: number;
  }) {
    super(init.errors.join(" ") || `HTTP ${init.status}`);
    this.name = "ApiFailure";
    this.status = init.status;
    this.code = init.code;
    this.requestId = init.requestId;
    this.errors = init.errors;
    this.fields = init.fields ?? {};
    this.retryAfter = init.retryAfter;
  }
}

interface ErrorBody {
  errors?: unknown;
  code?: unknown;
  request_id?: unknown;
  fields?: unknown;
}

/** Reads the error body of an answer; anything that is not one (a proxy's page) still becomes a usable failure. */
export function failureOf(status: number, body: unknown, headers?: Headers): ApiFailure {
  const b: ErrorBody = typeof body === "object" && body !== null ? body : {};
  const errors = Array.isArray(b.errors) ? b.errors.filter((e): e is string => typeof e === "string") : [];
  const fields: Record<string, string[]> = {};
  if (Array.isArray(b.fields)) {
    for (const item of b.fields as { field?: unknown; message?: unknown }[]) {
      if (typeof item?.field !== "string" || typeof item.message !== "string" || item.field === "") continue;
      fields[item.field] = [...(fields[item.field] ?? []), item.message];
    }
  }
  const retry = Number(headers?.get("Retry-After") ?? Number.NaN);
  return new ApiFailure({
    status,
    errors,
    fields,
    ...(typeof b.code === "string" ? { code: b.code } : {}),
    ...(typeof b.request_id === "string" ? { requestId: b.request_id } : {}),
    ...(Number.isFinite(retry) ? { retryAfter: retry } : {}),
  });
}

/** Turns whatever a promise threw into a failure that can be shown. */
export function asFailure(error: unknown): ApiFailure {
  return error instanceof ApiFailure ? error : new ApiFailure({ status: 0, errors: [] });
}
