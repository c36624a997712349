// A text field that writes by itself: 400 ms after the last key, when it is left, when the page goes.
// Rule: what stands in the field is what the person typed, until it has become an answer.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { TextArea, type TextAreaProps, TextField, type TextFieldProps } from "../../kit/fields.tsx";
import { useHere } from "./context.ts";
import type { Part } from "./typing.ts";

const PAUSE_MS = 400;

interface Bound {
  readonly value: string;
  readonly onInput: (text: string) => void;
  readonly onLeave: () => void;
}

/** Bind a text to its part of a path; `value` is what the records say. */
export function useTyped(part: Part, path: string, value: string): Bound {
  const { work } = useHere();
  const [typed, setTyped] = useState<string | null>(null);
  const pending = useRef<string | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  const flush = useCallback(() => {
    clearTimeout(timer.current);
    const text = pending.current;
    if (text === null) return;
    pending.current = null;
    void work.type(part, path, text).then(() => {
      // Unless more was typed meanwhile, the records speak again.
      setTyped((now) => (now === text ? null : now));
    });
  }, [work, part, path]);

  useEffect(() => {
    const forget = work.typing.onHurry(flush);
    return () => {
      forget();
      flush();
    };
  }, [work, flush]);

  const onInput = (text: string): void => {
    setTyped(text);
    pending.current = text;
    work.keep(part, path, text);
    clearTimeout(timer.current);
    timer.current = setTimeout(flush, PAUSE_MS);
  };
  return { value: typed ?? value, onInput, onLeave: flush };
}

interface Typed {
  part: Part;
  path: string;
}

/** One line. */
export function TypedField({
  part,
  path,
  value,
  ...field
}: Typed & Omit<TextFieldProps, "onInput">) {
  const bound = useTyped(part, path, value);
  return (
    // Leaving is heard here, whatever inside had the focus.
    <div class="typed" onFocusOut={bound.onLeave}>
      <TextField {...field} value={bound.value} onInput={bound.onInput} />
    </div>
  );
}

/** Several lines. */
export function TypedArea({ part, path, value, ...field }: Typed & Omit<TextAreaProps, "onInput">) {
  const bound = useTyped(part, path, value);
  return (
    <div class="typed" onFocusOut={bound.onLeave}>
      <TextArea {...field} value={bound.value} onInput={bound.onInput} />
    </div>
  );
}
