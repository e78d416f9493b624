import { IconAlertCircle, IconEye, IconEyeOff, IconSelector } from "@tabler/icons-react";
import {
  type InputHTMLAttributes,
  type ReactNode,
  type Ref,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
  useState,
} from "react";
import { messages, useT } from "@/i18n";
import { IconButton } from "./button";
import { Icon } from "./icon";

export const m = messages("field", {
  show: "Show password",
  hide: "Hide password",
  optional: "optional",
});

interface FrameProps {
  label: ReactNode;
  /** Technical name, shown in mono beside the label. */
  tech?: string | undefined;
  hint?: ReactNode;
  error?: ReactNode;
  optional?: boolean | undefined;
}

interface Ids {
  id: string;
  describedBy: string | undefined;
}

/** Label above, hint below; an error takes the place of the hint. */
export function FieldFrame({
  label,
  tech,
  hint,
  error,
  optional,
  children,
}: FrameProps & { children: (ids: Ids) => ReactNode }) {
  const t = useT();
  const id = useId();
  const note = `${id}-note`;
  return (
    <div className="field">
      <label htmlFor={id}>
        {label}
        {tech ? <span className="mono t3 tech">{tech}</span> : null}
        {optional ? <span className="t3 sm">{t(m.optional)}</span> : null}
      </label>
      {children({ id, describedBy: error || hint ? note : undefined })}
      {error ? (
        <p className="errmsg" id={note}>
          <Icon of={IconAlertCircle} />
          <span>{error}</span>
        </p>
      ) : hint ? (
        <p className="hint" id={note}>
          {hint}
        </p>
      ) : null}
    </div>
  );
}

type TextProps = Omit<InputHTMLAttributes<HTMLInputElement>, "size"> &
  FrameProps & {
    unit?: string;
    big?: boolean;
    mono?: boolean;
    leading?: ReactNode;
    ref?: Ref<HTMLInputElement>;
  };

export function TextField({
  label,
  tech,
  hint,
  error,
  optional,
  unit,
  big,
  mono,
  leading,
  type,
  ...input
}: TextProps) {
  const t = useT();
  const [shown, setShown] = useState(false);
  const secret = type === "password";
  return (
    <FieldFrame label={label} tech={tech} hint={hint} error={error} optional={optional}>
      {({ id, describedBy }) => (
        <div className={`inp${big ? " lg" : ""}${error ? " err" : ""}`}>
          {leading}
          <input
            {...input}
            id={id}
            type={secret && shown ? "text" : (type ?? "text")}
            className={mono ? "mono" : undefined}
            aria-invalid={error ? true : undefined}
            aria-describedby={describedBy}
          />
          {unit ? <span className="unit">{unit}</span> : null}
          {secret ? (
            <IconButton
              icon={shown ? IconEyeOff : IconEye}
              label={t(shown ? m.hide : m.show)}
              className="in-field"
              onClick={() => setShown(!shown)}
            />
          ) : null}
        </div>
      )}
    </FieldFrame>
  );
}

type SelectProps = SelectHTMLAttributes<HTMLSelectElement> & FrameProps & { ref?: Ref<HTMLSelectElement> };

/** A plain choice from a short list. */
export function SelectField({ label, tech, hint, error, optional, children, ...select }: SelectProps) {
  return (
    <FieldFrame label={label} tech={tech} hint={hint} error={error} optional={optional}>
      {({ id, describedBy }) => (
        <div className={`inp select${error ? " err" : ""}`}>
          <select {...select} id={id} aria-invalid={error ? true : undefined} aria-describedby={describedBy}>
            {children}
          </select>
          <Icon of={IconSelector} size="s" className="t3" />
        </div>
      )}
    </FieldFrame>
  );
}

type AreaProps = TextareaHTMLAttributes<HTMLTextAreaElement> &
  FrameProps & { mono?: boolean; ref?: Ref<HTMLTextAreaElement> };

export function TextArea({ label, tech, hint, error, optional, mono, ...area }: AreaProps) {
  return (
    <FieldFrame label={label} tech={tech} hint={hint} error={error} optional={optional}>
      {({ id, describedBy }) => (
        <div className={`inp area${error ? " err" : ""}`}>
          <textarea
            rows={3}
            {...area}
            id={id}
            className={mono ? "mono" : undefined}
            aria-invalid={error ? true : undefined}
            aria-describedby={describedBy}
          />
        </div>
      )}
    </FieldFrame>
  );
}

type SwitchProps = Omit<InputHTMLAttributes<HTMLInputElement>, "type" | "role"> & {
  label: ReactNode;
  tech?: string | undefined;
  hint?: ReactNode;
  error?: ReactNode;
};

export function Switch({ label, tech, hint, error, ...input }: SwitchProps) {
  const id = useId();
  return (
    <div className="field">
      <label className="switch">
        <input
          {...input}
          type="checkbox"
          // biome-ignore lint/a11y/useAriaPropsForRole: a native checkbox tells its state without the attribute.
          role="switch"
          className="sw"
          aria-describedby={hint || error ? id : undefined}
        />
        <span>
          {label}
          {tech ? <span className="mono t3 tech"> {tech}</span> : null}
        </span>
      </label>
      {error ? (
        <p className="errmsg" id={id}>
          <Icon of={IconAlertCircle} />
          <span>{error}</span>
        </p>
      ) : hint ? (
        <p className="hint" id={id}>
          {hint}
        </p>
      ) : null}
    </div>
  );
}
