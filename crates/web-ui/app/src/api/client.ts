import createClient from "openapi-fetch";
import { attachToken, keepToken } from "./consistency";
import { ApiFailure, failureOf } from "./error";
import type { paths } from "./schema";

type Operation<Path extends keyof paths, Method extends keyof paths[Path]> = paths[Path][Method];

/** The body that an operation answers with. Types are taken from operations: names of schemas are nobody's promise. */
export type Answer<Path extends keyof paths, Method extends keyof paths[Path]> =
  Operation<Path, Method> extends { responses: { 200: { content: { "application/json": infer Body } } } }
    ? Body
    : never;

/** The body that an operation takes. */
export type Input<Path extends keyof paths, Method extends keyof paths[Path]> =
  Operation<Path, Method> extends { requestBody: { content: { "application/json": infer Body } } }
    ? Body
    : never;

const client = createClient<paths>({
  baseUrl: window.location.origin,
  credentials: "same-origin",
  headers: { Accept: "application/json" },
});

const started = new WeakMap<Request, number>();

client.use({
  onRequest({ request }) {
    const now = Date.now();
    started.set(request, now);
    attachToken(request.headers, now);
  },
  onResponse({ request, response }) {
    keepToken(response.headers, started.get(request) ?? Date.now());
  },
});

/** Called when a request is answered with "not signed in". */
let onSignedOut: (() => void) | undefined;

/** Sets what happens when the session has ended. */
export function whenSignedOut(handler: () => void): void {
  onSignedOut = handler;
}

interface Outcome<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Waits for an answer and returns its body, or throws an {@link ApiFailure}. */
export async function take<T>(request: Promise<Outcome<T>>): Promise<T> {
  let answer: Outcome<T>;
  try {
    answer = await request;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiFailure({ status: 0, errors: [] });
  }
  const { data, error, response } = answer;
  if (!response.ok) {
    if (response.status === 401) onSignedOut?.();
    throw failureOf(response.status, error, response.headers);
  }
  return data as T;
}

export const api = client;
