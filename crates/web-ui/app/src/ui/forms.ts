import type { UseFormReturnType } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { type ApiFailure, asFailure } from "@/api/error";
import { sentence } from "./failure";

/** Moves the focus to the first field that is marked wrong. */
export function focusFirstProblem(root: ParentNode | null): void {
  window.requestAnimationFrame(() => {
    const field = (root ?? document).querySelector<HTMLElement>('[aria-invalid="true"], [data-error="true"]');
    field?.focus();
    field?.scrollIntoView({ block: "center" });
  });
}

/** Puts the server's messages at their fields. */
function placeServerErrors<V extends Record<string, unknown>>(
  form: UseFormReturnType<V>,
  failure: ApiFailure,
): void {
  const known = new Set(Object.keys(form.getValues()));
  for (const [field, [text]] of Object.entries(failure.fields)) {
    if (text && known.has(field)) form.setFieldError(field, sentence(text));
  }
}

export interface SubmitProps {
  onSubmit: (event: FormEvent<HTMLFormElement>) => void;
  busy: boolean;
  /** What is left to say above the form: failures that belong to no field. */
  failure: ApiFailure | null;
}

/** Wires a form to a request: checks, sends, shows what the server refused, and moves the focus there. */
export function useSubmit<V extends Record<string, unknown>, T>(
  form: UseFormReturnType<V>,
  send: (values: V) => Promise<T>,
  done: (answer: T, values: V) => void | Promise<void>,
): SubmitProps {
  const mutation = useMutation<T, unknown, V>({
    mutationFn: send,
    onSuccess: (answer, values) => done(answer, values),
  });
  return {
    busy: mutation.isPending,
    failure:
      mutation.error && !everyErrorPlaced(form, asFailure(mutation.error)) ? asFailure(mutation.error) : null,
    onSubmit: (event) => {
      event.preventDefault();
      const root = event.currentTarget;
      if (mutation.isPending) return;
      if (form.validate().hasErrors) {
        focusFirstProblem(root);
        return;
      }
      mutation.mutate(form.getValues(), {
        onError: (error) => {
          placeServerErrors(form, asFailure(error));
          focusFirstProblem(root);
        },
      });
    },
  };
}

function everyErrorPlaced<V extends Record<string, unknown>>(
  form: UseFormReturnType<V>,
  failure: ApiFailure,
): boolean {
  const names = Object.keys(failure.fields);
  const known = new Set(Object.keys(form.getValues()));
  return names.length > 0 && names.every((name) => known.has(name));
}
