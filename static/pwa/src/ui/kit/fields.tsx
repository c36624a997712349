// What is typed: text, longer text, a figure with its unit, one of a list.
// Rule: the label above, the unit inside, the verdict below in words; every field is bound to its
// label and its words for screen readers.

import type { ComponentChildren } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import { t } from "../words/kit.ts";
import { readFigure } from "./figures.ts";

type FieldProps = {
  label: string;
  /** A label only for screen readers, where the question stands beside the field. */
  hideLabel?: boolean;
  required?: boolean;
  hint?: ComponentChildren;
  /** What is wrong or noteworthy, as a state word. */
  verdict?: ComponentChildren;
  /** The control; it takes both ids. */
  children: (ids: { id: string; "aria-describedby": string }) => ComponentChildren;
};

/** Label, control, verdict and hint, bound together. */
export function Field({ label, hideLabel, required, hint, verdict, children }: FieldProps) {
  const id = useId();
  const words = `${id}-words`;
  return (
    <div class="field">
      <label class={hideLabel ? "spoken" : "lab"} for={id}>
        {label}
        {required && <span class="must">{t("list.comma") + t("field.required")}</span>}
      </label>
      {children({ id, "aria-describedby": words })}
      <div id={words}>
        {verdict}
        {hint !== undefined && <p class="note hint">{hint}</p>}
      </div>
    </div>
  );
}

type Common = Omit<FieldProps, "children"> & { disabled?: boolean };

// One object each, because the JSX types tell inputs apart by their literal type.
const TYPES = {
  text: { type: "text" },
  password: { type: "password" },
  email: { type: "email" },
  date: { type: "date" },
  search: { type: "search" },
} as const;

export type TextFieldProps = Common & {
  value: string;
  onInput: (value: string) => void;
  placeholder?: string;
  /** Longest text, characters; from src/wire limits. */
  max?: number;
  type?: keyof typeof TYPES;
  autocomplete?: "off" | "username" | "current-password" | "new-password";
  inputMode?: "text" | "numeric" | "url";
};

export function TextField(props: TextFieldProps) {
  const { value, onInput, placeholder, max, type = "text", disabled, ...rest } = props;
  const { autocomplete = "off", inputMode, ...field } = rest;
  return (
    <Field {...field}>
      {(ids) => (
        <div class="in">
          <input
            {...ids}
            {...TYPES[type]}
            {...{ value, placeholder, disabled, autocomplete, inputMode }}
            maxLength={max}
            required={field.required}
            onInput={(event) => onInput(event.currentTarget.value)}
          />
        </div>
      )}
    </Field>
  );
}

export type TextAreaProps = Common & {
  value: string;
  onInput: (value: string) => void;
  placeholder?: string;
  max?: number;
};

/** Grows with its text; no handle, no scroll bar. */
export function TextArea({ value, onInput, placeholder, max, disabled, ...field }: TextAreaProps) {
  return (
    <Field {...field}>
      {(ids) => (
        <div class="in">
          <textarea
            {...ids}
            {...{ value, placeholder, disabled }}
            maxLength={max}
            required={field.required}
            onInput={(event) => onInput(event.currentTarget.value)}
          />
        </div>
      )}
    </Field>
  );
}

export type SelectProps = Common & {
  value: string;
  options: readonly { readonly value: string; readonly label: string }[];
  onChange: (value: string) => void;
};

export function SelectField({ value, options, onChange, disabled, ...field }: SelectProps) {
  return (
    <Field {...field}>
      {(ids) => (
        <div class="in">
          <select
            {...ids}
            {...{ value, disabled }}
            onChange={(event) => onChange(event.currentTarget.value)}
          >
            {options.map((option) => (
              <option key={option.value} value={option.value}>
                {option.label}
              </option>
            ))}
          </select>
        </div>
      )}
    </Field>
  );
}

export type NumberInputProps = {
  value: number | null;
  /** null when emptied. Text that is no figure changes nothing and is marked. */
  onValue: (value: number | null) => void;
  unit?: string;
  /** As judged by core/forms: edge and tint. */
  verdict?: "normal" | "warning" | "abnormal";
  /** Reading size, for the figure of a reading row. */
  big?: boolean;
  disabled?: boolean;
  id?: string;
  label?: string;
  "aria-describedby"?: string;
};

const EDGES = { normal: "", warning: " caution", abnormal: " out" } as const;

/** The box with a figure and its unit, without label: for reading rows and groups. */
export function NumberInput(props: NumberInputProps) {
  const { value, onValue, unit = "", verdict = "normal", big, disabled, label, ...ids } = props;
  const [text, setText] = useState(value === null ? "" : String(value));
  const read = readFigure(text);
  // A value from elsewhere (number pad, another device) replaces the text; one's own typing stays
  // as typed ("24." on the way to "24.6").
  useEffect(() => {
    setText((typed) => {
      if (readFigure(typed) === value) return typed;
      return value === null ? "" : String(value);
    });
  }, [value]);
  const isWrong = read === undefined;
  return (
    <div class={`in${big ? " big" : ""}${isWrong ? " out" : EDGES[verdict]}`}>
      <input
        {...ids}
        {...{ disabled }}
        type="text"
        inputMode="decimal"
        autocomplete="off"
        enterkeyhint="next"
        placeholder={t("number.empty")}
        aria-label={label}
        aria-invalid={isWrong || verdict === "abnormal"}
        value={text}
        onInput={(event) => {
          const typed = event.currentTarget.value;
          setText(typed);
          const next = readFigure(typed);
          if (next !== undefined && next !== value) onValue(next);
        }}
      />
      {isWrong && <span class="u">{t("number.wrong")}</span>}
      {unit !== "" && <span class="u">{unit}</span>}
    </div>
  );
}
