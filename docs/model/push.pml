/*
 * Pushing: lost, late and repeated batches, two tabs with one outbox, a copied installation, a poisoned op.
 *
 * Installation 0 has two tabs that send the same outbox; at any moment it may be copied, and installation 1
 * is the copy. What a transaction does, here or there, is one atomic step; between any two the network may
 * lose, delay or repeat, and a tab may die. The rules are those of sync/push.py (Planner.take, replay)
 * and of the outbox of the app.
 *
 * With -DFAIR nothing heals from outside: losses are bounded, and the LTL formula `drains` says, under weak
 * fairness, that every outbox empties.
 */

#ifndef NUMBERS
#define NUMBERS 3             /* ops in one outbox */
#endif
#define IDS 4                 /* ops in all */
#define POISON 2              /* the op that no server can read: it alone is rejected, without an id */
#define LINEAGES 3
#define AT(owner, n) ((owner) * NUMBERS + (n) - 1)
#define APPLIED 1
#define REJECTED 2
#define INSTALLATION(tab) ((tab) == 2 -> 1 : 0)

/* --- The server --- */
byte by_n[LINEAGES * NUMBERS];        /* which op was answered under this number, 0: none */
byte last_n[LINEAGES];
byte outcome[IDS + 1];                /* per op, 0: never seen */
byte times[IDS + 1];                  /* how often it changed a record */
byte lineages = 1;                    /* lineages given out */

/* --- Installations --- */
byte lineage[2];
byte next_n[2];
byte outbox[2 * NUMBERS];             /* op ids by number, 0: none */
byte answered[2 * NUMBERS];           /* the outcome that was told, 0: pending */
bool copied;
byte made;                            /* op ids given out */
byte held_n[3];                       /* used by BUG_N_TAKEN_BEFORE alone */

/* --- Messages: one batch a tab, on its way there or back --- */
#define NONE 0
#define REQUEST 1
#define ANSWER 2
#define CLONED 3
byte stage[3];
byte of_lineage[3];
byte ids[3 * NUMBERS];                /* by number, 0: not in the batch */
byte told[3 * NUMBERS];

byte losses;
bool healed;
byte rounds;
byte n;                               /* of the inlines; zero between two steps */
byte count;

inline forget(tab) {
    stage[tab] = NONE; of_lineage[tab] = 0;
    for (n : 1 .. NUMBERS) { ids[AT(tab, n)] = 0; told[AT(tab, n)] = 0 }
    n = 0
}

/* One local transaction takes the number and writes the row. */
inline make(i) {
    made++;
    outbox[AT(i, next_n[i])] = made;
    answered[AT(i, next_n[i])] = 0;
    next_n[i] = next_n[i] + 1
}

inline copy_installation() {
    copied = true; lineage[1] = lineage[0]; next_n[1] = next_n[0];
    for (n : 1 .. NUMBERS) {
        outbox[AT(1, n)] = outbox[AT(0, n)]; answered[AT(1, n)] = answered[AT(0, n)]
    }
    n = 0
}

#define PENDING(i, n) (outbox[AT(i, n)] != 0 && answered[AT(i, n)] == 0)

inline take_batch(i, tab) {
    for (n : 1 .. NUMBERS) {
        if
        :: PENDING(i, n) -> ids[AT(tab, n)] = outbox[AT(i, n)]; stage[tab] = REQUEST
#ifdef BUG_DELETED_WHEN_SENT
            ; outbox[AT(i, n)] = 0
#endif
        :: else
        fi
    }
    n = 0;
    if
    :: stage[tab] == REQUEST -> of_lineage[tab] = lineage[i]
    :: else
    fi
}

/* --- One transaction of the server --- */

inline apply(id) {
    if
    :: id == POISON -> outcome[id] = REJECTED
    :: else -> times[id] = times[id] + 1; outcome[id] = APPLIED
    fi;
    assert(times[id] <= 1)                        /* promise 1: nothing twice */
}

#ifdef BUG_NO_REPLAY
#define ANSWERED_BEFORE(tab, n) false
#else
#define ANSWERED_BEFORE(tab, n) (by_n[AT(of_lineage[tab], n)] != 0)
#endif
#ifdef BUG_NO_REPLAY_BY_ID
#define KNOWN(id) false
#else
#define KNOWN(id) ((id) != POISON && outcome[id] != 0)
#endif

/* Another op than the one that was answered under this number. Of a line that cannot be read the bytes
   are compared, which here are its id; a server that takes such a line for a replay acknowledges what it
   never stored. */
#ifdef BUG_UNREADABLE_IS_A_REPLAY
#define DIFFER(old, new) ((old) != (new) && (old) != POISON && (new) != POISON)
#else
#define DIFFER(old, new) ((old) != (new))
#endif

/* How many numbers of the batch were used by another op: a copy of the installation has sent them. */
inline count_clones(tab) {
    count = 0;
    for (n : 1 .. NUMBERS) {
        if
        :: ids[AT(tab, n)] != 0 && by_n[AT(of_lineage[tab], n)] != 0 &&
           DIFFER(by_n[AT(of_lineage[tab], n)], ids[AT(tab, n)]) -> count++
#ifdef BUG_POISON_BLOCKS
        :: ids[AT(tab, n)] == POISON -> count = 100; break
#endif
#ifdef BUG_GAP_WAITS
        :: ids[AT(tab, n)] != 0 && n > last_n[of_lineage[tab]] + 1 &&
           (n == 1 || ids[AT(tab, n - 1)] == 0) -> count = 100; break
#endif
        :: else
        fi
    }
    n = 0
}

inline process(tab) {
    count_clones(tab);
    if
    :: count >= 100                               /* refused as a whole (mutants only) */
#ifndef BUG_NO_CLONE_CHECK
    :: count > 0 && count < 100 -> stage[tab] = CLONED
    :: count == 0 ->
#else
    :: count < 100 ->
#endif
        for (n : 1 .. NUMBERS) {
            if
            :: ids[AT(tab, n)] == 0
            :: ids[AT(tab, n)] != 0 && ANSWERED_BEFORE(tab, n) ->
                told[AT(tab, n)] = outcome[by_n[AT(of_lineage[tab], n)]]
            :: ids[AT(tab, n)] != 0 && !ANSWERED_BEFORE(tab, n) ->
                assert(by_n[AT(of_lineage[tab], n)] == 0);     /* one answer per number, for ever */
                if
                :: KNOWN(ids[AT(tab, n)])
                :: else -> apply(ids[AT(tab, n)])
                fi;
                by_n[AT(of_lineage[tab], n)] = ids[AT(tab, n)];
                told[AT(tab, n)] = outcome[ids[AT(tab, n)]];
                last_n[of_lineage[tab]] = (n > last_n[of_lineage[tab]] -> n : last_n[of_lineage[tab]])
            fi
        }
        stage[tab] = ANSWER
    fi;
    n = 0; count = 0
}

#ifdef BUG_ANSWER_BEFORE_COMMIT
inline answer_and_die(tab) {
    for (n : 1 .. NUMBERS) {
        if
        :: ids[AT(tab, n)] != 0 -> told[AT(tab, n)] = (ids[AT(tab, n)] == POISON -> REJECTED : APPLIED)
        :: else
        fi
    }
    n = 0; stage[tab] = ANSWER
}
#endif

/* --- One transaction of the device: what was said to a batch --- */

inline receive(i, tab) {
    if
    :: stage[tab] == CLONED && of_lineage[tab] == lineage[i] ->
        lineage[i] = lineages; lineages++;        /* enrols again; its ops stay, with their numbers */
        assert(lineages <= LINEAGES)
#ifdef BUG_CLONE_BEGINS_EMPTY
        ;
        for (n : 1 .. NUMBERS) { outbox[AT(i, n)] = 0; answered[AT(i, n)] = 0 }
#endif
    :: stage[tab] == ANSWER ->
        for (n : 1 .. NUMBERS) {
#ifdef BUG_ALL_UP_TO_THE_LAST
            if                                    /* one number for the whole batch, not each op's */
            :: outbox[AT(i, n)] != 0 && told[AT(tab, NUMBERS)] != 0 && told[AT(tab, n)] == 0 ->
                answered[AT(i, n)] = APPLIED
            :: else
            fi;
#endif
            if
            :: told[AT(tab, n)] != 0 && outbox[AT(i, n)] == ids[AT(tab, n)] ->
                assert(answered[AT(i, n)] == 0 || answered[AT(i, n)] == told[AT(tab, n)]);
                answered[AT(i, n)] = told[AT(tab, n)];
                /* promise 1: what is acknowledged is there, as it was told */
                assert(outcome[outbox[AT(i, n)]] == answered[AT(i, n)])
            :: else
            fi
        }
    :: else
    fi;
    forget(tab)
}

#ifdef FAIR
#define MAY_LOSE (losses < 2)
#define LOST losses++
#else
#define MAY_LOSE (!healed)
#define LOST skip
#endif

proctype Tab(byte tab) {
    do
    :: atomic { !healed && (tab < 2 || copied) && made < IDS && next_n[INSTALLATION(tab)] <= NUMBERS ->
#ifdef BUG_N_TAKEN_BEFORE
        if                                        /* the number is read in one step, used in another */
        :: held_n[tab] == 0 -> held_n[tab] = next_n[INSTALLATION(tab)]
        :: else ->
            next_n[INSTALLATION(tab)] = held_n[tab]; held_n[tab] = 0; make(INSTALLATION(tab))
        fi }
#else
        make(INSTALLATION(tab)) }
#endif
    :: atomic { !healed && stage[tab] == NONE && (tab < 2 || copied) -> take_batch(INSTALLATION(tab), tab);
        if
        :: stage[tab] == REQUEST
#ifdef FAIR
        :: else -> false                          /* nothing waits: asleep */
#else
        :: else
#endif
        fi }
    :: atomic { !healed && stage[tab] == REQUEST -> process(tab) }
    :: atomic { stage[tab] == REQUEST && MAY_LOSE -> LOST; process(tab);       /* the answer is lost, or */
        if                                                                    /* the request comes again */
        :: forget(tab)
        :: stage[tab] = REQUEST; for (n : 1 .. NUMBERS) { told[AT(tab, n)] = 0 } n = 0
        fi }
    :: atomic { stage[tab] != NONE && MAY_LOSE -> LOST; forget(tab) }
#ifdef BUG_ANSWER_BEFORE_COMMIT
    :: atomic { !healed && stage[tab] == REQUEST -> answer_and_die(tab) }
#endif
    :: atomic { !healed && stage[tab] >= ANSWER -> receive(INSTALLATION(tab), tab) }
    :: healed -> break
    od
}

/* Faults have stopped: each installation sends, one batch after the other. */
inline drain(i, tab) {
    do
    :: atomic { true ->
        take_batch(i, tab);
        if
        :: stage[tab] == NONE -> break
        :: else ->
            rounds++;
            assert(rounds <= 3);                  /* promise 10: once; a clone is told, and sends again */
            process(tab); receive(i, tab)
        fi }
    od;
    rounds = 0
}

byte there;
proctype World() {
    if
    :: atomic { copy_installation() }
    :: true
    fi;
#ifndef FAIR
    atomic { true -> healed = true; forget(0); forget(1); forget(2) }
    drain(0, 0);
    drain(1, 2);
    atomic {
        for (count : 1 .. IDS) {
            if
            :: count <= made ->                   /* promises 1, 2, 3: each op once, the poison whole */
                assert(outcome[count] == (count == POISON -> REJECTED : APPLIED));
                assert(times[count] == (count == POISON -> 0 : 1))
            :: else
            fi
        }
        count = 0
    }
#endif
}

init {
    atomic {
        next_n[0] = 1; next_n[1] = 1;
        run Tab(0); run Tab(1); run Tab(2); run World()
    }
}

#ifdef FAIR
#define WAITS(i) (PENDING(i, 1) || PENDING(i, 2) || PENDING(i, 3))
ltl drains { [] (WAITS(0) || (copied && WAITS(1)) -> <> (!WAITS(0) && (!copied || !WAITS(1)))) }
#endif
