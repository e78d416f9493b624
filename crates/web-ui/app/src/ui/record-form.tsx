import { schemaResolver, useForm } from "@mantine/form";
import type { ReactNode } from "react";
import * as v from "valibot";
import type { ApiFailure } from "@/api/error";
import { Button } from "./button";
import { InlineFailure } from "./failure";
import { type SubmitProps, useSubmit } from "./forms";

type Values = Record<string, string | boolean>;

interface Options<V extends Values, T> {
  initial: V;
  /** What must be true of each value before it is sent. */
  checks: { [K in keyof V]: v.GenericSchema<V[K], unknown> };
  send: (values: V) => Promise<T>;
  done: (answer: T, values: V) => void | Promise<void>;
}

export interface RecordForm<V extends Values> {
  /** Wires a field with this name: value, change, what is wrong with it. */
  field: (name: keyof V & string) => ReturnType<ReturnType<typeof useForm<V>>["getInputProps"]>;
  /** The same for a switch. */
  toggle: (name: keyof V & string) => ReturnType<ReturnType<typeof useForm<V>>["getInputProps"]>;
  values: V;
  set: <K extends keyof V & string>(name: K, value: V[K]) => void;
  onSubmit: SubmitProps["onSubmit"];
  busy: boolean;
  failure: ApiFailure | null;
}

/** A form over one record: its values, what is checked here, the request, and where the request's refusals are shown. */
export function useRecordForm<V extends Values, T>({
  initial,
  checks,
  send,
  done,
}: Options<V, T>): RecordForm<V> {
  const form = useForm<V>({
    initialValues: initial,
    validate: schemaResolver(v.object(checks), { sync: true }),
  });
  const submit = useSubmit(form, send, done);
  return {
    field: (name) => form.getInputProps(name),
    toggle: (name) => form.getInputProps(name, { type: "checkbox" }),
    values: form.values,
    set: (name, value) => form.setFieldValue(name, value as never),
    ...submit,
  };
}

interface FrameProps<V extends Values> {
  form: RecordForm<V>;
  /** The words on the button that sends the form. */
  submit: string;
  /** Stands before that button. */
  back?: ReactNode;
  children: ReactNode;
}

/** What surrounds the fields of every record: the refusal that belongs to no field, and the buttons. */
export function RecordFrame<V extends Values>({ form, submit, back, children }: FrameProps<V>) {
  return (
    <form className="stack" onSubmit={form.onSubmit} noValidate>
      {form.failure ? <InlineFailure error={form.failure} /> : null}
      {children}
      <div className="row dialog-foot">
        {back}
        <Button type="submit" look="primary" busy={form.busy}>
          {submit}
        </Button>
      </div>
    </form>
  );
}
