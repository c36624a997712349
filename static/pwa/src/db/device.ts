// Who uses this installation, and with which credential. Rule: nothing here is ever cleared because a
// credential died: the person's store, and what waits in it, is found by this.

import type { Id } from "../wire/types.ts";
import type { ChosenRow, DeviceDatabase, EnrollingRow, PersonRow, SettingRow } from "./database.ts";
import { Resilience } from "./resilience.ts";

export class Device {
  readonly db: DeviceDatabase;
  readonly resilience: Resilience;

  constructor(db: DeviceDatabase) {
    this.db = db;
    this.resilience = new Resilience(db);
  }

  persons(): Promise<readonly PersonRow[]> {
    return this.resilience.run(() => this.db.persons.toArray());
  }

  person(id: Id): Promise<PersonRow | undefined> {
    return this.resilience.run(() => this.db.persons.get(id));
  }

  async chosen(): Promise<ChosenRow> {
    const row = await this.resilience.run(() => this.db.settings.get("chosen"));
    return isChosen(row) ? row : { key: "chosen", person: null, language: "zh-CN" };
  }

  /** Change who uses the app now, or its language. */
  async choose(members: Partial<Pick<ChosenRow, "person" | "language">>): Promise<void> {
    const row = { ...(await this.chosen()), ...members };
    await this.resilience.run(() => this.db.settings.put(row));
  }

  async enrolling(): Promise<EnrollingRow | undefined> {
    const row = await this.resilience.run(() => this.db.settings.get("enrolling"));
    return isEnrolling(row) ? row : undefined;
  }

  async begin(row: EnrollingRow): Promise<void> {
    await this.resilience.run(() => this.db.settings.put(row));
  }

  /**
   * Keep a person with their new credential, as the one who uses the app. A lineage belongs to one
   * store: whoever had it before, by another's ticket, gets a new one at their next enrolment.
   */
  async join(row: PersonRow): Promise<void> {
    const { db } = this;
    const chosen = await this.chosen();
    await this.resilience.run(() =>
      db.transaction("rw", db.persons, db.settings, async () => {
        await db.persons
          .filter((other) => other.person !== row.person && other.lineage === row.lineage)
          .modify({ lineage: null });
        await db.persons.put(row);
        await db.settings.put({ ...chosen, person: row.person });
        await db.settings.delete("enrolling");
      }),
    );
  }

  /** A clone must not use its lineage again; a dead credential keeps it, to prove that it is the same. */
  async lose(person: Id, state: "enrol-again" | "cloned-device"): Promise<void> {
    const changes = state === "cloned-device" ? { state, lineage: null } : { state };
    await this.resilience.run(() => this.db.persons.update(person, changes));
  }

  /** The person's store is empty and their device ended: nothing of them stays here. */
  async forget(person: Id): Promise<void> {
    const { db } = this;
    const chosen = await this.chosen();
    await this.resilience.run(() =>
      db.transaction("rw", db.persons, db.settings, async () => {
        await db.persons.delete(person);
        if (chosen.person === person) await db.settings.put({ ...chosen, person: null });
      }),
    );
  }

  close(): void {
    this.db.close();
  }
}

function isChosen(row: SettingRow | undefined): row is ChosenRow {
  return row?.key === "chosen";
}

function isEnrolling(row: SettingRow | undefined): row is EnrollingRow {
  return row?.key === "enrolling";
}
