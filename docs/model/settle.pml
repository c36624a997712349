/*
 * What the person sees: an op lies over the base until the base shows what became of it.
 *
 * One device, its own scope OWN and the sites A and B, one record, one op that writes two fields. Somebody else
 * may write the first field before (then the op is a conflict there, and applied in the second); the record
 * may move, scopes may be revoked and granted. Pages of one row, OWN first, then A, then B, as plan_pull sends
 * them. The law: what was typed never vanishes from the screen while its record is on it.
 *
 * The rule for letting go: the base has reached the op's position, or the scope is not held, on a page after
 * which there is no more. README.md says why the position alone is not enough.
 */

#ifndef MOVES
#define MOVES 3
#endif
#ifndef GRANTS
#define GRANTS 2
#endif
#define OWN 0
#define A 1
#define B 2
#define NOWHERE 3
#define THEIRS 2
#define OURS 1

/* --- The server --- */
byte home = A;
byte first, second;           /* the record's two fields: 0, OURS or THEIRS */
byte head[3];
byte seq[3];                  /* of the record per scope, and of the disposition in OWN; 0: never there */
bool live[3];
bool granted[3];
byte moves, grants;
byte outcome;                 /* stored with the op */
byte at_scope, at_seq;        /* its position */
#define APPLIED 1
#define CONFLICT 2
#define REVIEW 3

/* --- The device --- */
byte base = NOWHERE;
byte base_first, base_second;
bool has_disposition;
bool typed, settled;
byte told, told_scope, told_seq;      /* of the outcome; 0: not answered */
bool has[3];                  /* the token: per scope pos and live_until */
byte pos[3], live_until[3];
bool healed;
byte rounds;

inline publish(s, is_live) { head[s] = head[s] + 1; seq[s] = head[s]; live[s] = is_live }

proctype Server() {
    do
    :: atomic { !healed && moves < MOVES -> moves++; printf("the record moves from %d to %d\n", home, A + B - home);
        publish(home, false); home = A + B - home; publish(home, true) }
    :: atomic { !healed && grants < GRANTS -> grants++; granted[A] = !granted[A] }
    :: atomic { !healed && grants < GRANTS -> grants++; granted[B] = !granted[B] }
    :: atomic { !healed && first == 0 -> printf("somebody else writes the first field\n"); first = THEIRS; publish(home, true) }
    :: healed -> break
    od
}

/* One transaction of the server; a replay is answered with the first outcome. */
inline serve_push() {
    if
    :: outcome != 0
    :: outcome == 0 && !granted[home] ->
        outcome = REVIEW; publish(OWN, true); at_scope = OWN; at_seq = head[OWN]
    :: outcome == 0 && granted[home] ->
        second = OURS;
        if
        :: first == THEIRS && base_first != THEIRS -> outcome = CONFLICT
        :: else -> first = OURS; outcome = APPLIED
        fi;
        publish(home, true); at_scope = home; at_seq = head[home];
        if
        :: outcome == CONFLICT -> publish(OWN, true); at_scope = OWN; at_seq = head[OWN]
        :: else
        fi
    fi
}

byte s, sent;
bool more, at_head[3];
#define WAITS(s) (granted[s] && seq[s] > pos[s] && (live[s] || seq[s] > live_until[s]))

/* One page: asked, answered and applied at one moment; pull.pml has the late ones. */
inline pull() {
    for (s : OWN .. B) {
        if
        :: granted[s] && !has[s] -> has[s] = true; pos[s] = 0; live_until[s] = head[s]
        :: !granted[s] && has[s] ->
            has[s] = false; pos[s] = 0; live_until[s] = 0;
            if
            :: base == s -> base = NOWHERE; base_first = 0; base_second = 0
            :: else
            fi
        :: else
        fi
    }
    sent = NOWHERE; more = false;
    for (s : OWN .. B) {
        if
        :: WAITS(s) && sent == NOWHERE -> sent = s
        :: WAITS(s) && sent != NOWHERE -> more = true
        :: else
        fi
    }
    if
    :: sent == OWN -> has_disposition = true
    :: (sent == A || sent == B) && live[sent] ->
        base = sent; base_first = first; base_second = second
    :: (sent == A || sent == B) && !live[sent] && base == sent ->
        base = NOWHERE; base_first = 0; base_second = 0
    :: else
    fi;
    for (s : OWN .. B) {
        at_head[s] = has[s] && (s == sent || !WAITS(s));
        if
        :: at_head[s] -> pos[s] = head[s]
        :: else
        fi
    }
    printf("page: row of %d, more %d; base: in %d, fields %d %d; pos %d %d %d\n",
        sent, more, base, base_first, base_second, pos[OWN], pos[A], pos[B]);
    settle();
    s = 0; sent = 0; more = false; at_head[OWN] = false; at_head[A] = false; at_head[B] = false
}

inline settle() {
    if
    :: told != 0 && !settled ->
        if
#ifdef BUG_SCOPE_IGNORED
        :: pos[OWN] >= told_seq || pos[A] >= told_seq || pos[B] >= told_seq -> settled = true
#endif
#ifdef BUG_SETTLED_BY_ITS_POSITION_ALONE
        :: !has[told_scope] || pos[told_scope] >= told_seq -> settled = true
#endif
#ifdef BUG_APPLIED_SETTLES_BEFORE_THE_HEADS
        :: told == APPLIED && has[told_scope] && pos[told_scope] >= told_seq -> settled = true
#endif
        /* Only on a last page: then base and heads are of one snapshot, wherever the record was between. */
        :: !more && !has[told_scope] -> settled = true
        :: !more && has[told_scope] && pos[told_scope] >= told_seq &&
           (told == APPLIED || has_disposition) -> settled = true
        :: else
        fi
    :: else
    fi
}

/* The screen: the base with the op over it; a disposition says of the first field what became of it. */
inline look() {
    if
    :: typed && base != NOWHERE && !settled                     /* the op lies over it */
    :: typed && base != NOWHERE && settled ->
        assert(base_first == OURS || has_disposition);          /* promise 5, on the screen */
        assert(base_second == OURS || outcome == REVIEW)
    :: else
    fi
}

proctype Device() {
    do
    :: atomic { !healed && !typed && base != NOWHERE ->
        printf("somebody types on the copy in %d\n", base); typed = true }
    :: atomic { !healed && typed -> serve_push() }              /* and the answer is lost, or late */
    :: atomic { !healed && typed && outcome != 0 && told == 0 ->
        told = outcome; told_scope = at_scope; told_seq = at_seq;
#ifdef BUG_SETTLED_BY_THE_ANSWER
        settled = true;
#endif
        printf("answer: outcome %d at %d of %d\n", told, told_seq, told_scope);
        look() }
    :: atomic { !healed -> pull(); look() }
    :: atomic { !healed -> healed = true; break }
    od;
    atomic {
        if
        :: typed -> serve_push(); told = outcome; told_scope = at_scope; told_seq = at_seq; look()
        :: else
        fi;
        do
        :: rounds < 5 -> rounds++; pull(); look()
        :: else -> break
        od;
        assert(!typed || settled);                              /* promise 10: the overlay empties */
        assert(base == (granted[home] -> home : NOWHERE))
    }
}

init {
    atomic {
        granted[OWN] = true; granted[A] = true; granted[B] = true;
        publish(A, true);
        run Server(); run Device()
    }
}
