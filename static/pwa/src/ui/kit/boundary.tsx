// What stands where a page broke. Rule: a fault of ours never leaves an empty screen, and says what is safe.

import type { ComponentChildren } from "preact";
import { useErrorBoundary } from "preact/hooks";
import { t } from "../words/kit.ts";
import { ErrorPlace } from "./notices.tsx";

/** Shows its children, or, once one of them has thrown while drawing, what happened and the way on. */
export function Boundary({ children }: { readonly children: ComponentChildren }) {
  const [fault] = useErrorBoundary();
  if (fault === undefined) return <>{children}</>;
  const again = { label: t("error.again"), onClick: () => location.reload() };
  const code = fault instanceof Error ? fault.message.slice(0, 200) : undefined;
  return (
    <main class="page">
      <ErrorPlace what={t("error.page")} safe={t("error.safe")} action={again} code={code} />
    </main>
  );
}
