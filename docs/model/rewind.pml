/*
 * Rewind: a server restored from an older backup, with and without notice, and what the devices bring back.
 *
 * Two devices that hold the one scope. Op i makes record i; device d made the ops 2d and 2d + 1, numbered 1
 * and 2. Pages have one row. The exchanges of device 1 are whole or lost; those of device 0 may also be
 * repeated and late, its batches and its pages. Seqs of epoch e begin at e·SPAN, as EPOCH_SPAN.
 * The rules are those of "Rewind, one path" and of the app (db/outbox.ts rewound, db/pages.ts).
 *
 * A silent restore (a standby that lagged, a disk put back under a running server) is one that nobody told:
 * the epoch of the database is the backup's. The marker outside the database is read only when an epoch is
 * raised.
 */

#ifndef RESTORES
#define RESTORES 1
#endif
#ifndef BACKUPS
#define BACKUPS 1
#endif
#define SPAN 8
#define OP(d, n) (2 * (d) + (n) - 1)
#define NONE 255

/* --- The server's database --- */
typedef Database { byte seq[4]; byte last_n[2]; byte head; byte epoch; bool revoked };
Database now, backup;
byte marker;                          /* outside: the highest epoch there ever was */
bool marked_revoked;                  /* outside: device 1 may not pull any more */
byte backups, restores, raises, silent;

/* --- Devices --- */
#define NOT_MADE 0
#define PENDING 1
#define ACKED 2
#define PRUNED 3
byte epoch[2];
byte state[4];                        /* of the device's own ops */
byte last_acked[2];                   /* 0: none */
byte token[2];                        /* 0: from zero */
byte base[8];                         /* d * 4 + record: its seq, 0: no copy */
bool fresh[8];                        /* of the generation of now */
bool sweeping[2];
bool at_head[2];
byte repairs[2];

/* --- One batch or page of device 0 that was overtaken --- */
#define REQUEST 1
#define ANSWER 2
#define PAGE 3
byte late;
byte late_epoch, late_says, late_n, late_mask;      /* asked under, answered under */
byte late_token, late_row, late_seq, late_next;
bool late_end;

bool healed;
byte rounds;

/* --- The answer in hand; zero between two steps --- */
byte says, mask, up_to, row, row_seq, next, i, n;
bool end;
#define CLEAN says = 0; mask = 0; up_to = 0; row = 0; row_seq = 0; next = 0; i = 0; n = 0; end = false

#define MAX2(a, b) ((a) > (b) -> (a) : (b))

inline copy_database(to, from) {
    for (i : 0 .. 3) { to.seq[i] = from.seq[i] }
    for (i : 0 .. 1) { to.last_n[i] = from.last_n[i] }
    i = 0;
    to.head = from.head; to.epoch = from.epoch; to.revoked = from.revoked
}

inline restore(is_silent) {
    restores++;
    copy_database(now, backup);
#ifndef BUG_REVOCATION_FORGOTTEN
    now.revoked = marked_revoked;
#endif
    if
    :: is_silent -> silent++
#ifndef BUG_RESTORE_KEEPS_THE_EPOCH
    :: !is_silent -> now.epoch = marker + 1; marker = now.epoch
#else
    :: !is_silent
#endif
    fi
}

/* Above the device's, the database's own and every epoch there ever was. */
inline raise(theirs) {
    raises++;
#ifdef BUG_EPOCH_NOT_ABOVE_BOTH
    now.epoch = now.epoch + 1;
#else
    now.epoch = MAX2(MAX2(now.epoch, theirs), marker) + 1;
#endif
    marker = MAX2(marker, now.epoch);
    assert(raises <= silent)          /* an epoch is raised for a rewind, and for nothing else */
}

/* Shared by push and pull: whether the device knows a history that this server does not have. */
inline notice(theirs, acked, place, d) {
    if
#ifndef BUG_LAST_ACKED_BEFORE_EPOCH
    :: theirs < now.epoch
#else
    :: theirs < now.epoch && acked <= now.last_n[d]
    :: theirs < now.epoch && acked > now.last_n[d] -> raise(theirs)
#endif
    :: theirs > now.epoch -> raise(theirs)
#ifndef BUG_LAST_ACKED_NOT_LOOKED_AT
    :: theirs == now.epoch && acked > now.last_n[d] -> raise(theirs)
#endif
#ifndef WITH_TOKEN_AHEAD_TAKEN
    :: theirs == now.epoch && place > now.head -> raise(theirs)
#endif
    :: else
    fi
}

/* A batch, in one transaction. `mask`: the numbers that were answered. */
inline serve_push(d, theirs, acked, sent) {
    notice(theirs, acked, 0, d);
    says = now.epoch; mask = 0;
    if
    :: theirs == now.epoch ->
        for (n : 1 .. 2) {
            if
            :: sent & (1 << n) ->
                if
                :: now.seq[OP(d, n)] != 0                     /* a replay */
                :: else ->
                    now.head = MAX2(now.head, now.epoch * SPAN) + 1;
                    now.seq[OP(d, n)] = now.head
                fi;
                now.last_n[d] = MAX2(now.last_n[d], n); mask = mask | (1 << n)
            :: else
            fi
        }
    :: else
    fi;
    up_to = backup.last_n[d]          /* backed_up_to: what the newest backup has */
}

inline serve_pull(d, theirs, acked, place) {
    notice(theirs, acked, place, d);
    says = now.epoch; row = NONE; row_seq = 0; next = place; end = false;
    if
    :: theirs == now.epoch && !(d == 1 && now.revoked) ->
        assert(!(d == 1 && marked_revoked));                  /* promise 7 */
        for (i : 0 .. 3) {
            if
            :: now.seq[i] > place && (row == NONE || now.seq[i] < row_seq) -> row = i; row_seq = now.seq[i]
            :: else
            fi
        }
        if
        :: row != NONE -> next = row_seq; end = (row_seq == now.head)
        :: else -> next = now.head; end = true
        fi
    :: else
    fi;
    i = 0
}

/* --- The device --- */

inline from_zero(d) {
#ifndef BUG_TOKEN_KEPT
    token[d] = 0;
#endif
    at_head[d] = false;
    sweeping[d] = true;
    for (i : 0 .. 3) { fresh[d * 4 + i] = false }
    i = 0
}

/* One local transaction. */
inline rewind(d, theirs) {
    epoch[d] = theirs;
#ifdef BUG_REWIND_IN_TWO_STEPS
    if
    :: goto skipped                   /* died after the first of two transactions */
    :: true
    fi;
#endif
    from_zero(d);
#ifndef BUG_LAST_ACKED_KEPT
    last_acked[d] = 0;
#endif
#ifndef BUG_NOTHING_OFFERED_AGAIN
    for (n : 1 .. 2) {
        if
        :: state[OP(d, n)] == ACKED -> state[OP(d, n)] = PENDING
        :: else
        fi
    }
    n = 0
#endif
}

/* A rewind is taken only to a later epoch: an answer may be older than what the device knows. */
#ifdef WITH_EPOCH_MAY_FALL
#define LATER(d) (says != epoch[d])
#else
#define LATER(d) (says > epoch[d])
#endif

inline take_answer(d, asked_under) {
    if
#ifdef BUG_LATE_ANSWER_TAKEN
    :: LATER(d) -> rewind(d, says)
    :: !LATER(d) ->
#else
    :: LATER(d) && (asked_under == epoch[d] || says > epoch[d]) -> rewind(d, says)
    :: says == epoch[d] && asked_under == epoch[d] ->
#endif
        for (n : 1 .. 2) {
            if
            :: (mask & (1 << n)) && state[OP(d, n)] == PENDING ->
                state[OP(d, n)] = ACKED; last_acked[d] = MAX2(last_acked[d], n)
            :: else
            fi
        }
        for (n : 1 .. 2) {            /* from the front only, and what a backup has */
            if
#ifdef BUG_PRUNED_WITHOUT_BACKUP
            :: state[OP(d, n)] == ACKED && (n == 1 || state[OP(d, 1)] == PRUNED) ->
#else
            :: state[OP(d, n)] == ACKED && n <= up_to && (n == 1 || state[OP(d, 1)] == PRUNED) ->
#endif
                state[OP(d, n)] = PRUNED
            :: else
            fi
        }
    :: else
    fi;
    n = 0
}

inline take_page(d, asked_under, asked_from) {
    if
#ifdef BUG_PAGE_OF_ANOTHER_EPOCH
    :: asked_from == token[d] && !LATER(d) ->
#else
    :: asked_under == epoch[d] && asked_from == token[d] && says == epoch[d] ->
#endif
        if
        :: row < 4 ->
#ifdef BUG_LOWER_VERSION_IGNORED
            base[d * 4 + row] = MAX2(base[d * 4 + row], row_seq);
#else
            base[d * 4 + row] = row_seq;
#endif
            fresh[d * 4 + row] = true
        :: else
        fi;
        token[d] = next;
        at_head[d] = end;
        if
        :: end && sweeping[d] ->
#ifndef BUG_NO_SWEEP
            for (i : 0 .. 3) {
                if
                :: !fresh[d * 4 + i] -> base[d * 4 + i] = 0
                :: else
                fi
            }
#endif
            sweeping[d] = false
        :: else
        fi;
        if
        :: end ->                     /* the digest, with the rows of the same snapshot */
            for (i : 0 .. 3) {
                if
                :: base[d * 4 + i] != now.seq[i] -> row = 100
                :: else
                fi
            }
            if
            :: row == 100 ->
                repairs[d] = repairs[d] + 1;
                /* promise 4: without damage, or a rewind that nobody has noticed yet, no repair */
                assert(silent > 0);
                assert(repairs[d] <= 2);
                from_zero(d)
            :: else
            fi
        :: else
        fi
    :: LATER(d) && (asked_under == epoch[d] || says > epoch[d]) -> rewind(d, says)
    :: else
    fi;
    i = 0; n = 0
}

#define BATCH(d) ((state[OP(d, 1)] == PENDING -> 2 : 0) + (state[OP(d, 2)] == PENDING -> 4 : 0))

inline push(d) {
    serve_push(d, epoch[d], last_acked[d], BATCH(d)); take_answer(d, epoch[d])
}

inline pull(d) {
    serve_pull(d, epoch[d], last_acked[d], token[d]);
    take_page(d, epoch[d], token[d])
}

inline forget() {
    late = 0; late_epoch = 0; late_says = 0; late_n = 0; late_mask = 0;
    late_token = 0; late_row = 0; late_seq = 0; late_next = 0; late_end = false
}

inline revoke() {
    marked_revoked = true; now.revoked = true;
    for (i : 4 .. 7) { base[i] = 0; fresh[i] = false }        /* it was told at once, and erased itself */
    i = 0
}

proctype World() {
    do
    :: atomic { !healed && backups < BACKUPS -> backups++; copy_database(backup, now) }
    :: atomic { !healed && restores < RESTORES -> restore(false) }
#ifdef SILENT
    :: atomic { !healed && restores < RESTORES -> restore(true) }
#endif
#ifdef REVOKE
    :: atomic { !healed && !marked_revoked -> revoke() }
#endif
    :: atomic { !healed ->            /* somebody types */
        if
        :: state[0] == NOT_MADE -> state[0] = PENDING
        :: state[0] != NOT_MADE && state[1] == NOT_MADE -> state[1] = PENDING
        :: state[2] == NOT_MADE -> state[2] = PENDING
        :: else
        fi }
    :: atomic { !healed && BATCH(0) != 0 -> push(0); CLEAN }
    :: atomic { !healed && BATCH(1) != 0 -> push(1); CLEAN }
    :: atomic { !healed && BATCH(1) != 0 -> serve_push(1, epoch[1], last_acked[1], BATCH(1)); CLEAN }
    :: atomic { !healed -> pull(0); CLEAN }
    :: atomic { !healed -> pull(1); CLEAN }
    /* Device 0: a batch or a page is held up on its way. */
#ifndef NO_LATE_PUSH
    :: atomic { !healed && late == 0 && BATCH(0) != 0 ->
        late = REQUEST; late_epoch = epoch[0]; late_n = last_acked[0]; late_mask = BATCH(0) }
    :: atomic { !healed && late == REQUEST ->     /* it arrives, and perhaps once more */
        serve_push(0, late_epoch, late_n, late_mask);
        if
        :: late = ANSWER; late_says = says; late_mask = mask; late_n = up_to
        :: true
        fi;
        CLEAN }
    :: atomic { !healed && late == ANSWER ->
        says = late_says; mask = late_mask; up_to = late_n;
        take_answer(0, late_epoch); forget(); CLEAN }
#endif
#ifndef NO_LATE_PAGE
    :: atomic { !healed && late == 0 ->
        serve_pull(0, epoch[0], last_acked[0], token[0]);
        if
        :: !end ->                    /* not the last one: its digest would be of another moment */
            late = PAGE; late_epoch = epoch[0]; late_says = says; late_token = token[0];
            late_row = row; late_seq = row_seq; late_next = next; late_end = end
        :: else
        fi;
        CLEAN }
    :: atomic { !healed && late == PAGE ->
        says = late_says; row = late_row; row_seq = late_seq; next = late_next; end = late_end;
        take_page(0, late_epoch, late_token); forget(); CLEAN }
#endif
    :: atomic { !healed && late != 0 -> forget() }
    :: atomic { !healed -> healed = true; forget(); break }
    od;
#ifdef BUG_REWIND_IN_TWO_STEPS
    goto drain;
skipped:
    atomic { CLEAN; forget() }
drain:
#endif
    /* Faults have stopped. Who has noticed a rewind tells the others through the epoch. */
    do
    :: atomic { rounds < 3 ->
        push(0); CLEAN; push(0); CLEAN;
        push(1); CLEAN; push(1); CLEAN;
        do
        :: pull(0); CLEAN;
            if
            :: at_head[0] -> break
            :: else
            fi
        od;
        do
        :: marked_revoked -> break
        :: else ->
            pull(1); CLEAN;
            if
            :: at_head[1] -> break
            :: else
            fi
        od;
        rounds++ }
    :: rounds == 3 -> break
    od;
    atomic {
        for (i : 0 .. 3) {
            /* promises 1, 2, 10: whatever was typed is there again, and told so */
            assert(state[i] == NOT_MADE || now.seq[i] != 0);
            assert(state[i] != PENDING);
            /* promise 4 */
            assert(base[i] == now.seq[i]);
            assert(marked_revoked || base[4 + i] == now.seq[i])
        }
    }
}

init {
    atomic {
        now.epoch = 1; now.head = SPAN; marker = 1; epoch[0] = 1; epoch[1] = 1;
        copy_database(backup, now);
        run World()
    }
}
