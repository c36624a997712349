/*
 * Pulling: first sync, moves between scopes, lost and regained scopes, pages that come late or twice.
 *
 * One device, scopes A and B, RECORDS records, pages of one row. What the server does in a transaction
 * is one atomic step. A request may be answered twice, at two moments; an answer may be lost, overtaken or
 * delivered twice; the device may die between any two steps. The rules are those of sync/pull.py
 * (plan_pull, plan_page) and sync/client.py (pull_answered).
 */

#ifndef RECORDS
#define RECORDS 2
#endif
#ifndef CHANGES
#define CHANGES 3             /* edits, moves and withdrawals */
#endif
#ifndef GRANTS
#define GRANTS 2              /* revocations and grants */
#endif
#define A 0
#define B 1
#define NOWHERE 2
#define ROW(scope, record) ((scope) * RECORDS + (record))
#define DEVICE_HAS(place) (place.has[A] || place.has[B])

typedef Position { bool has[2]; byte pos[2]; byte live_until[2] };   /* a token; none has no scope */
#define SAME1(a, b, s) (a.has[s] == b.has[s] && a.pos[s] == b.pos[s] && a.live_until[s] == b.live_until[s])
#define SAME(a, b) (SAME1(a, b, A) && SAME1(a, b, B))
#define COPY1(to, from, s) to.has[s] = from.has[s]; to.pos[s] = from.pos[s]; \
                           to.live_until[s] = from.live_until[s]
#define COPY(to, from) COPY1(to, from, A); COPY1(to, from, B)

typedef Page {
    bool there;
    Position asked;           /* the token of the request */
    Position next;            /* the token at the end */
    bool named[2];            /* the scopes that its first line names */
    bool at_head[2];          /* a digest goes along */
    short digest[2];          /* here: the sum of seq·16^record over what is live */
    bool more;
    byte line;                /* 0 none, 1 record, 2 gone */
    byte scope; byte record; byte seq
};

/* --- The server --- */
byte home[RECORDS];           /* where the record is, NOWHERE: withdrawn */
byte head[2];
byte feed_seq[2 * RECORDS];   /* the newest state per scope and record, 0: never there */
bool feed_live[2 * RECORDS];
bool granted[2];
byte changes, grants;

/* --- The network --- */
Page mail[2];                 /* 0: the answer under way; 1: one that will come late, or again */

/* --- The device --- */
Position token;
byte base[RECORDS];           /* the scope of the copy, NOWHERE: none */
byte base_seq[RECORDS];
bool applied_more;
byte rounds;
bool healed;

/* --- What the server does, each in one transaction --- */

inline publish(s, r, is_live) {
    head[s] = head[s] + 1;
    feed_seq[ROW(s, r)] = head[s];
    feed_live[ROW(s, r)] = is_live
}

inline edit(r) { publish(home[r], r, true) }

inline withdraw(r) { publish(home[r], r, false); home[r] = NOWHERE }

inline move(r) {
#ifndef BUG_MOVE_LEAVES_THE_OLD
    publish(home[r], r, false);
#endif
    home[r] = 1 - home[r];
    publish(home[r], r, true)
}

inline digest_of(s, sum) {
    sum = 0;
    for (k : 0 .. RECORDS - 1) {
        if
        :: feed_live[ROW(s, k)] -> sum = sum + (feed_seq[ROW(s, k)] << (4 * k))
        :: else
        fi
    }
}

#ifdef BUG_SCOPES_OF_THE_TOKEN
#define HELD(s) (granted[s] || page.asked.has[s])
#else
#define HELD(s) granted[s]
#endif
/* A row that belongs on a page: after the position, and gone only above live_until. */
#ifdef BUG_GONE_NOT_SENT
#define SENT(s, k) (feed_seq[ROW(s, k)] > page.next.pos[s] && feed_live[ROW(s, k)])
#else
#define SENT(s, k) (feed_seq[ROW(s, k)] > page.next.pos[s] && \
    (feed_live[ROW(s, k)] || feed_seq[ROW(s, k)] > page.next.live_until[s]))
#endif

/* The first of a scope's rows that is sent; `count` of them in all. */
inline look(s, page) {
    first = 255; count = 0;
    for (k : 0 .. RECORDS - 1) {
        if
        :: SENT(s, k) ->
            count++;
            if
            :: first == 255 -> first = k
            :: else ->
                if
                :: feed_seq[ROW(s, k)] < feed_seq[ROW(s, first)] -> first = k
                :: else
                fi
            fi
        :: else
        fi
    }
}

inline begin_page(page) {
    page.there = true;
    page.line = 0; page.scope = 0; page.record = 0; page.seq = 0;
    for (s : A .. B) {
        page.named[s] = HELD(s);
        page.next.has[s] = HELD(s);
        if
        :: HELD(s) && page.asked.has[s] ->
            page.next.pos[s] = page.asked.pos[s];
#ifdef BUG_LIVE_UNTIL_MOVES_ON
            page.next.live_until[s] = head[s]
#else
            page.next.live_until[s] = page.asked.live_until[s]
#endif
        :: HELD(s) && !page.asked.has[s] ->
            page.next.pos[s] = 0;
#ifdef BUG_LIVE_UNTIL_TOO_HIGH
            page.next.live_until[s] = head[s] + 1
#else
            page.next.live_until[s] = head[s]
#endif
        :: !HELD(s) ->
#ifdef BUG_TOKEN_KEEPS_A_LOST_SCOPE
            COPY1(page.next, page.asked, s)
#else
            page.next.pos[s] = 0; page.next.live_until[s] = 0
#endif
        fi
    }
}

/* The one row of the page: of the first scope that has one. */
inline fill_page(page) {
    for (s : A .. B) {
        if
        :: page.named[s] && page.line == 0 ->
            look(s, page);
            if
            :: first != 255 ->
                page.line = (feed_live[ROW(s, first)] -> 1 : 2);
                page.scope = s; page.record = first; page.seq = feed_seq[ROW(s, first)];
                assert(granted[s])                /* promise 7 */
            :: else
            fi
        :: else
        fi
    }
}

inline end_page(page) {
    page.more = false;
    for (s : A .. B) {
        page.at_head[s] = false; page.digest[s] = 0;
        if
        :: page.named[s] ->
            if
            :: page.line != 0 && page.scope == s -> page.next.pos[s] = page.seq
            :: else
            fi;
            look(s, page);
            if
            :: count > 0 -> page.more = true
            :: else ->
#ifdef BUG_TWO_SNAPSHOTS
                if            /* the rows are read in one transaction, the heads in another */
                :: changes < CHANGES && !healed && home[0] != NOWHERE -> changes++; edit(0)
                :: true
                fi;
#endif
                page.next.pos[s] = head[s]; page.at_head[s] = true; digest_of(s, page.digest[s])
            fi
        :: else
        fi
    }
}

proctype Environment() {
    byte r;
    do
    :: atomic { changes < CHANGES && !healed ->
        changes++;
        select(r : 0 .. RECORDS - 1);
        if
        :: home[r] != NOWHERE -> edit(r)
        :: home[r] != NOWHERE -> move(r)
        :: home[r] != NOWHERE -> withdraw(r)
        :: home[r] == NOWHERE && feed_seq[ROW(A, r)] == 0 && feed_seq[ROW(B, r)] == 0 ->
            if
            :: home[r] = A
            :: home[r] = B
            fi;
            edit(r)
        :: home[r] == NOWHERE        /* withdrawn: it never comes back */
        fi;
        r = 0 }
    :: atomic { grants < GRANTS && !healed -> grants++; granted[A] = !granted[A] }
    :: atomic { grants < GRANTS && !healed -> grants++; granted[B] = !granted[B] }
    :: healed -> break
    od
}

/* --- The network and the device --- */

byte k, s, first, count;      /* of the inlines; zero between two steps */
#define CLEAN k = 0; s = 0; first = 0; count = 0

/* The device asks, or an older request is answered (again); the answer goes under way. */
inline answer(slot) {
    begin_page(mail[slot]);
    fill_page(mail[slot]);
    end_page(mail[slot]); CLEAN
}

short sum;
inline check_digests(page) {
    for (s : A .. B) {
        if
        :: page.at_head[s] ->
            sum = 0;
            for (k : 0 .. RECORDS - 1) {
                if
                :: base[k] == s -> sum = sum + (base_seq[k] << (4 * k))
                :: else
                fi
            }
            assert(sum == page.digest[s])         /* promise 4: the repair is never needed */
        :: else
        fi
    }
    sum = 0
}

inline drop_unnamed(page) {
    for (k : 0 .. RECORDS - 1) {
        if
        :: base[k] != NOWHERE && !page.named[base[k]] -> base[k] = NOWHERE; base_seq[k] = 0
        :: else
        fi
    }
}

inline place(page) {
    if
    :: page.line == 1 -> base[page.record] = page.scope; base_seq[page.record] = page.seq
#ifdef BUG_GONE_IN_ANY_SCOPE
    :: page.line == 2 ->
#else
    :: page.line == 2 && base[page.record] == page.scope ->
#endif
        base[page.record] = NOWHERE; base_seq[page.record] = 0
    :: else
    fi
}

#ifdef BUG_NO_TOKEN_CHECK
#define FITS(page) true
#else
#define FITS(page) SAME(page.asked, token)
#endif

/* One local transaction: drops, row, token. */
inline apply(slot) {
    if
    :: FITS(mail[slot]) ->
#ifdef BUG_TOKEN_BEFORE_ROWS
        COPY(token, mail[slot].next);
        if
        :: !healed -> goto died
        :: true
        fi;
#endif
#ifndef BUG_LOST_SCOPE_STAYS
        drop_unnamed(mail[slot]);
#endif
        place(mail[slot]);
        COPY(token, mail[slot].next);
        applied_more = mail[slot].more;
        check_digests(mail[slot]);
        for (k : 0 .. RECORDS - 1) {              /* promise 7, on the device */
            assert(base[k] == NOWHERE || mail[slot].named[base[k]])
        }
    :: else
    fi;
    CLEAN
}

inline forget(slot) {
    atomic {
        mail[slot].there = false; mail[slot].more = false; mail[slot].line = 0;
        mail[slot].scope = 0; mail[slot].record = 0; mail[slot].seq = 0;
        for (s : A .. B) {
            mail[slot].named[s] = false; mail[slot].at_head[s] = false; mail[slot].digest[s] = 0;
            mail[slot].asked.has[s] = false; mail[slot].asked.pos[s] = 0;
            mail[slot].asked.live_until[s] = 0; mail[slot].next.has[s] = false;
            mail[slot].next.pos[s] = 0; mail[slot].next.live_until[s] = 0
        }
        CLEAN
    }
}

inline copy_page(to, from) {
    to.there = from.there; to.more = from.more;
    to.line = from.line; to.scope = from.scope; to.record = from.record; to.seq = from.seq;
    for (s : A .. B) {
        to.named[s] = from.named[s]; to.at_head[s] = from.at_head[s]; to.digest[s] = from.digest[s];
        COPY1(to.asked, from.asked, s);
        COPY1(to.next, from.next, s)
    }
}

/* It is delivered or lost; or it comes only later, or once more later. */
inline leaves() {
    if
    :: true
    :: !mail[1].there -> copy_page(mail[1], mail[0])
    fi;
    forget(0)
}

proctype Device() {
begin:
    do
    :: atomic { !healed && !mail[0].there -> COPY(mail[0].asked, token); answer(0) }
    :: atomic { !healed && mail[0].there -> apply(0); leaves() }
    :: atomic { !healed && mail[0].there -> leaves() }
    :: atomic { !healed && mail[1].there -> apply(1); forget(1) }
    :: atomic { !healed -> healed = true; forget(0); forget(1); break }
    od;
#ifdef BUG_TOKEN_BEFORE_ROWS
    goto drain;
died:
    atomic { CLEAN; forget(0); forget(1) }
    goto begin;
drain:
#endif
    /* Faults have stopped: rounds one after the other, until a page says that there is no more. */
    do
    :: atomic { true ->
        assert(rounds <= 2 * RECORDS + 1);        /* promise 10, for pulling: bounded rounds */
        rounds++;
        COPY(mail[0].asked, token);
        answer(0);
        apply(0);
        forget(0);
        if
        :: !applied_more -> break
        :: else
        fi }
    od;
    atomic {                                      /* promise 4: exactly the live records of the scopes */
        for (k : 0 .. RECORDS - 1) {
            if
            :: home[k] != NOWHERE && granted[home[k]] ->
                assert(base[k] == home[k] && base_seq[k] == feed_seq[ROW(home[k], k)])
            :: else -> assert(base[k] == NOWHERE)
            fi
        }
        k = 0
    }
}

init {
    atomic {
        for (k : 0 .. RECORDS - 1) { home[k] = NOWHERE; base[k] = NOWHERE }
        granted[A] = true; granted[B] = true;
        home[0] = A; publish(A, 0, true);         /* one in each scope before the first sync */
        home[1] = B; publish(B, 1, true);
        k = 0;
        run Environment(); run Device()
    }
}
