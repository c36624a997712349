/*
 * One server's transactions, statement by statement: locks, restarts, moves, and what a reader skips.
 *
 * Pushes (the same op twice, from two lineages or two tabs; edits of one record), two moves of the parent
 * with its child, one device that pulls. Reads see what is committed (READ COMMITTED), a commit is one step, a
 * pull is one snapshot. The order is that of server/gather.py and server/push.py: lineage lock, scopes of
 * the records without lock, scope locks in id order, the records, the plan, the commit; or begin again.
 */

#define A 0
#define B 1
#define NOWHERE 2
#define PARENT 0
#define CHILD 1
#define ROW(scope, record) ((scope) * 2 + (record))
#define FREE 255
#define CREATE 0              /* ops: make the child; write bit 1; write bit 2 */
#ifndef EDITS
#define EDITS 1               /* of the parent, 2: two that meet */
#endif
#ifndef SECOND
#define SECOND 1              /* the lineage of the second push of the same op */
#endif

/* --- Committed --- */
byte home[2];
byte value;                   /* of the parent: the bits that were written */
byte version;                 /* of the parent */
byte head[2];
byte feed_seq[4];
bool feed_live[4];
bool answered[3];
byte times[3];
byte links[2];                /* of each lineage's audit chain */
byte sent[2];                 /* ops by each lineage that were committed */
bool news;                    /* something was committed since the last pull */
byte sequence;                /* used by BUG_SEQ_BEFORE_THE_LOCK alone */

byte lineage_lock[2] = FREE;
byte scope_lock[2] = FREE;
byte working;

inline lock(what, owner) { atomic { what == FREE -> what = owner } }
inline release(owner) {
    for (i : 0 .. 1) {
        if
        :: lineage_lock[i] == owner -> lineage_lock[i] = FREE
        :: else
        fi;
        if
        :: scope_lock[i] == owner -> scope_lock[i] = FREE
        :: else
        fi
    }
    i = 0
}

inline publish(s, r, is_live) {
    head[s] = head[s] + 1;
    feed_seq[ROW(s, r)] = head[s];
    feed_live[ROW(s, r)] = is_live
}

#ifdef BUG_NO_RESTART
#define IN_HAND(s) true
#else
#define IN_HAND(s) wanted[s]
#endif

/* An op by a device: `what` is done once, whoever brings it and however often. */
proctype Push(byte me; byte lineage; byte what) {
    bool wanted[2];
    byte scope, read_value, read_version, read_links, seq, i;
again:
#ifndef BUG_NO_LINEAGE_LOCK
    lock(lineage_lock[lineage], me);
#endif
    if
    :: atomic { answered[what] -> release(me) }; goto over
    :: atomic { !answered[what] -> read_links = links[lineage] }
    fi;
    atomic { scope = home[PARENT]; wanted[scope] = true; read_value = value; read_version = version }
#ifdef BUG_SEQ_BEFORE_THE_LOCK
    atomic {
        sequence = (head[scope] > sequence -> head[scope] : sequence) + 1;
        seq = sequence
    }
#endif
#ifndef BUG_NO_SCOPE_LOCK
    if
    :: atomic { wanted[A] }; lock(scope_lock[A], me)
    :: atomic { !wanted[A] }
    fi;
    if
    :: atomic { wanted[B] }; lock(scope_lock[B], me)
    :: atomic { !wanted[B] }
    fi;
#endif
#ifndef BUG_READ_BEFORE_THE_LOCK
    atomic { scope = home[PARENT]; read_value = value; read_version = version };
#endif
    if
    :: atomic { !IN_HAND(scope) -> wanted[scope] = true; release(me) }; goto again
#ifdef BUG_SEQ_BEFORE_THE_LOCK
    :: atomic { IN_HAND(scope) }
#else
    :: atomic { IN_HAND(scope) -> seq = head[scope] + 1 }
#endif
    fi;
    /* Commit: unique op ids and expected versions are the last guard. */
    if
#ifndef BUG_NO_UNIQUE_ID
    :: atomic { answered[what] -> release(me) }; goto again
    :: atomic { !answered[what] && (what != CREATE && read_version != version) ->
        release(me) }; goto again
    :: atomic { !answered[what] && (what == CREATE || read_version == version) ->
#else
    :: atomic { true ->
#endif
        news = true;
        links[lineage] = read_links + 1; sent[lineage] = sent[lineage] + 1;
        answered[what] = true; times[what] = times[what] + 1;
        assert(times[what] <= 1);                 /* promise 1: nothing twice */
        head[scope] = (seq > head[scope] -> seq : head[scope]);
        if
        :: what == CREATE ->
            home[CHILD] = scope; feed_seq[ROW(scope, CHILD)] = seq; feed_live[ROW(scope, CHILD)] = true
        :: else ->
            value = read_value | what; version++;
            feed_seq[ROW(scope, PARENT)] = seq; feed_live[ROW(scope, PARENT)] = true
        fi;
        release(me) }
    fi;
over:
    atomic {
        scope = 0; read_value = 0; read_version = 0; read_links = 0; seq = 0;
        wanted[A] = false; wanted[B] = false;
        working--
    }
}

/* The office moves the parent, and what hangs on it, to the other scope. */
proctype Move(byte me) {
    byte from, child, i;
    atomic { from = home[PARENT]; child = home[CHILD] }
#ifdef BUG_LOCKS_IN_ANY_ORDER
    lock(scope_lock[from], me);
    lock(scope_lock[1 - from], me);
#else
#ifdef BUG_MOVE_LOCKS_ITS_TARGET_ONLY
    lock(scope_lock[1 - from], me);
#else
    lock(scope_lock[A], me);
    lock(scope_lock[B], me);
#endif
#endif
#ifndef BUG_CHILDREN_READ_BEFORE_THE_LOCK
    atomic { from = home[PARENT]; child = home[CHILD] }
#else
    atomic { from = home[PARENT] }
#endif
    atomic {
        publish(from, PARENT, false);
        home[PARENT] = 1 - from; version++;
        publish(1 - from, PARENT, true);
        if
        :: child == from ->
            publish(from, CHILD, false);
            home[CHILD] = 1 - from;
            publish(1 - from, CHILD, true)
        :: else
        fi;
        release(me);
        from = 0; child = 0; news = true;
        working--
    }
}

/* --- A device that holds both scopes; whole pages, each one snapshot --- */
byte base[2] = NOWHERE;
byte base_seq[2];
byte pos[2];

inline pull() {
    for (s : A .. B) {
        for (r : PARENT .. CHILD) {
            if
            :: feed_seq[ROW(s, r)] > pos[s] ->
                if
                :: feed_live[ROW(s, r)] -> base[r] = s; base_seq[r] = feed_seq[ROW(s, r)]
                :: !feed_live[ROW(s, r)] && base[r] == s -> base[r] = NOWHERE; base_seq[r] = 0
                :: else
                fi
            :: else
            fi
        }
        pos[s] = head[s]
    }
    for (r : PARENT .. CHILD) {                   /* promise 4, after every page */
        assert(base[r] == home[r]);
        assert(base[r] == NOWHERE || base_seq[r] == feed_seq[ROW(base[r], r)])
    }
    s = 0; r = 0
}

proctype Pull() {
    byte s, r;
    do
    :: atomic { working > 0 && news -> pull(); news = false }
    :: atomic { working == 0 ->
        pull();
        assert(answered[0] && answered[1] && value == (1 << EDITS) - 1);   /* promise 1 */
        assert(links[0] == sent[0] && links[1] == sent[1]);
        assert(home[CHILD] == home[PARENT]);      /* a child is where its parent is */
        break }
    od
}

init {
    atomic {
        home[PARENT] = A; home[CHILD] = NOWHERE;
        publish(A, PARENT, true);
        working = 4 + EDITS;
        run Push(0, 0, CREATE);
        run Push(1, SECOND, CREATE);
        run Push(2, 1, 1);
#if EDITS == 2
        run Push(3, 0, 2);
#endif
        run Move(4);
        run Move(5);
        run Pull()
    }
}
