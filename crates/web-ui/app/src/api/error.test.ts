import { describe, expect, it } from "vitest";
import { failureOf } from "./error";

describe("failureOf", () => {
  it("reads the panel's error body", () => {
    const failure = failureOf(
      422,
      {
        errors: ["name is taken"],
        code: "validation",
        request_id: "r1",
        fields: [{ field: "name", message: "taken" }],
      },
      new Headers({ "Retry-After": "7" }),
    );
    expect(failure).toMatchObject({
      status: 422,
      code: "validation",
      requestId: "r1",
      errors: ["name is taken"],
      fields: { name: ["taken"] },
      retryAfter: 7,
    });
  });

  it("makes do with a proxy's page", () => {
    expect(failureOf(502, "<html>")).toMatchObject({ status: 502, errors: [], fields: {} });
  });
});
