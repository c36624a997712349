// The dialog: only for what cannot be undone on the device. Everything else opens in place.
// Rule: the question is the title, the consequence one sentence, the buttons are verbs, the safe one
// stands first and is what Escape means. The native element keeps the focus inside.

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

export type DialogAction = { label: string; onClick: () => void; disabled?: boolean };

type DialogProps = {
  /** "放弃这份草稿？" */
  question: string;
  /** "本机上的 12 个答案会被删除，不能恢复。" */
  consequence: string;
  /** The way back; also Escape. */
  safe: DialogAction;
  /** What is asked for. */
  act: DialogAction;
  /** A reason to be given, a choice to be made. */
  children?: ComponentChildren;
};

/** Shown while it is rendered. */
export function Dialog({ question, consequence, safe, act, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby={`${id}-question`}
      aria-describedby={`${id}-consequence`}
      onCancel={(event) => {
        event.preventDefault();
        safe.onClick();
      }}
    >
      <h2 id={`${id}-question`}>{question}</h2>
      <p id={`${id}-consequence`}>{consequence}</p>
      {children}
      <div class="acts">
        <button type="button" class="btn" disabled={safe.disabled} onClick={safe.onClick}>
          {safe.label}
        </button>
        <button type="button" class="btn pri" disabled={act.disabled} onClick={act.onClick}>
          {act.label}
        </button>
      </div>
    </dialog>
  );
}
