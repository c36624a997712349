// Rounds of a plan, further ahead than the server makes them by itself. Opens in place, and says what came of it.
// Rule: what is there already stays as it is, so that asking twice is harmless.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Failed } from "../../sync/office.ts";
import type { Generate, Generated, PlanRow, SiteRow } from "../../wire/types.ts";
import { SelectField, TextField } from "../kit/fields.tsx";
import { Empty } from "../kit/notices.tsx";
import { sentences } from "../words/format.ts";
import { READS, WRITES } from "./api.ts";
import { Failure, Show } from "./failure.tsx";
import { awaitingPoke, useMay, useOffice, useRead } from "./state.ts";
import { dotted, inLanguage, t } from "./words.ts";

const QUARTER_MS = 92 * 24 * 3_600_000;

/** A plan by its title and whose it is: plans of several customers are called alike. */
function labelOf({ plan }: PlanRow, sites: readonly SiteRow[]): string {
  const site = sites.find((one) => plan.sites.includes(one.id));
  return dotted(inLanguage(plan.title), site?.customer_name);
}

type ChoiceProps = {
  plans: readonly PlanRow[];
  onMade: (made: Generated) => void;
  onClose: () => void;
};

function Choice({ plans, onMade, onClose }: ChoiceProps) {
  const { client, now } = useOffice();
  const sites = useRead(READS.sites()).value?.rows ?? [];
  const [chosen, setChosen] = useState("");
  const [until, setUntil] = useState(() => new Date(now() + QUARTER_MS).toISOString().slice(0, 10));
  const [isBusy, setBusy] = useState(false);
  const [failed, setFailed] = useState<Failed | null>(null);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector("select")?.focus(), []);
  const make = async () => {
    setBusy(true);
    const asked: Generate = { until };
    const answer = await awaitingPoke(() =>
      client.write<Generated>(WRITES.generate(chosen), asked),
    );
    setBusy(false);
    setFailed(answer.kind === "ok" ? null : answer);
    if (answer.kind === "ok") onMade(answer.value);
  };
  const options = plans.map((row) => ({ value: row.id, label: labelOf(row, sites) }));
  return (
    <>
      {failed && <Failure failed={failed} safe={t("safe.unchanged")} />}
      <form
        ref={form}
        class="inline"
        onSubmit={(event) => {
          event.preventDefault();
          void make();
        }}
      >
        <SelectField
          label={t("plans.which")}
          value={chosen}
          options={[{ value: "", label: t("plans.choose") }, ...options]}
          onChange={setChosen}
          hint={t("plans.hint")}
        />
        <TextField type="date" label={t("plans.until")} value={until} onInput={setUntil} />
        <div class="acts">
          <button type="submit" class="btn pri" disabled={isBusy || chosen === "" || until === ""}>
            {t("plans.make")}
          </button>
          <button type="button" class="btn" onClick={onClose}>
            {t("action.cancel")}
          </button>
        </div>
      </form>
    </>
  );
}

/** What came of it, in words. */
function madeWords({ made = [], existing = 0 }: Generated): string {
  const kept = existing > 0 ? t("plans.existing", { n: existing }) : "";
  return sentences(made.length > 0 ? t("plans.made", { n: made.length }) : t("plans.none"), kept);
}

export function PlanRounds() {
  const mayPlan = useMay("plan");
  const [isOpen, setOpen] = useState(false);
  const [made, setMade] = useState<Generated | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  const loaded = useRead(isOpen ? READS.plans() : null);
  if (!mayPlan) return null;
  const close = (came: Generated | null) => {
    setMade(came);
    setOpen(false);
    button.current?.focus();
  };
  return (
    <section class="assign" aria-label={t("plans.open")}>
      <div class="row">
        <button
          ref={button}
          type="button"
          class="btn"
          aria-expanded={isOpen}
          onClick={() => (isOpen ? close(null) : setOpen(true))}
        >
          {t("plans.open")}
        </button>
        <span role="status">{made && !isOpen && madeWords(made)}</span>
      </div>
      {isOpen && (
        <Show loaded={loaded} words={t("plans.loading")} rows={1}>
          {({ rows }) => {
            const plans = rows.filter((row) => !row.plan.paused);
            return plans.length === 0 ? (
              <Empty why={t("plans.noPlans")} />
            ) : (
              <Choice plans={plans} onMade={close} onClose={() => close(null)} />
            );
          }}
        </Show>
      )}
    </section>
  );
}
