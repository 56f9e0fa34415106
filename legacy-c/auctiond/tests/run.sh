#!/bin/sh
# Tries the programs: import, queries, report, append, restart, check.
#
#	tests/run.sh BINDIR [WORKDIR [SCENARIO...]]
#
# Every scenario leaves WORKDIR/SCENARIO.txt, which must be the same as
# tests/expected/SCENARIO.txt, and its files in WORKDIR/SCENARIO/.
# The exit status is 0 when all of them are.

here=$(cd "$(dirname "$0")/.." && pwd)
bin=$(cd "${1:?usage: run.sh BINDIR [WORKDIR [SCENARIO...]]}" && pwd) || exit 2
work=${2:-$(mktemp -d)}
[ $# -ge 2 ] && shift
shift
mkdir -p "$work" && work=$(cd "$work" && pwd) || exit 2

LC_ALL=C TZ=UTC
export LC_ALL TZ
clock=1057190400		# 2003-07-03 00:00:00
daemon= port=

# run a command with what it says in the result, and how it ended
say() {
	timeout 20 "$@" 2>&1
	rc=$?
	[ $rc -eq 0 ] || echo "exit status $rc"
}

ctl() {
	say "$bin/auctionctl" -T $clock -d "$db" ${port:+-p $port} "$@"
}

# a request to the daemon, several may follow
ask() {
	for path in "$@"; do
		echo "> $path"
		ctl fetch "$path"
	done
}

new_db() {
	db=$1
	rm -rf "$db"
	mkdir "$db"
	cp "$here/data/categories" "$db"
}

# a database made by import
import_db() {
	new_db "$1"
	ctl import "$here/data/results.csv" >/dev/null
}

# start on some port that is free, and wait for the line in the log
start() {
	port=$((20000 + $$ % 20000))
	for try in 1 2 3 4 5; do
		: >"$db.log"
		"$bin/auctiond" -f -T $clock -d "$db" -p $port "$@" >>"$db.log" 2>&1 &
		daemon=$!
		for i in $(seq 200); do
			grep -q "port $port\$" "$db.log" && return
			kill -0 $daemon 2>/dev/null || break
			sleep 0.05
		done
		kill -9 $daemon 2>/dev/null
		port=$((port + 7))
	done
	echo "the daemon does not start"
	daemon=
}

stop() {
	[ "$daemon" ] || return
	kill ${1:-} $daemon 2>/dev/null
	wait $daemon 2>/dev/null
	rc=$?
	[ "$1" = -9 ] || [ $rc -eq 0 ] || echo "the daemon ended with $rc"
	daemon= port=
}

t_settings() {
	new_db settings
	say "$bin/auctionctl" -T $clock -d "$db" -c "$here/data/auctiond.conf" conf
	printf 'port = 99999\nnosuch = 1\nhouse\n# end\n' >bad.conf
	say "$bin/auctionctl" -T $clock -d "$db" -c bad.conf conf
	rm bad.conf
}

t_import() {
	new_db import
	ctl import "$here/data/results.csv" "$here/data/late.csv" |
		sed "s,$here/,,"
	ctl check
	cksum <import/sales.dat
	cksum <import/sales.idx
}

t_production() {	# files from the production machine
	new_db production
	cp "$here"/data/production/* production
	ctl check
	ctl dump
}

t_dump() {
	import_db dump
	ctl dump
}

t_export() {
	import_db export
	ctl export
}

t_report() {
	import_db report
	ctl report
}

t_price() {
	import_db price
	start
	ask '/price?item=NIKF2' '/price?item=K%26R1' '/price?item=NOSUCH' /price
	stop
}

t_stats() {
	import_db stats
	start
	ask '/stats?category=3&from=2002-03-01&to=2002-09-01' \
		'/stats?from=1014940800&to=1022889600' \
		'/stats?category=60&from=2002-01-01' '/stats?from=today'
	stop
}

t_halfyear() {
	import_db halfyear
	start
	ask '/stats?category=1' '/stats'
	stop
}

t_search() {
	import_db search
	start
	ask '/search?q=seiko' '/search?q=steam+engine' '/search?q=Nikon' \
		'/search?q=zzz' '/search?q='
	stop
}

t_health() {
	import_db health
	start
	ask /health /nowhere '/price?item=TK80' '/price?item=TK80' /health
	stop
}

t_append() {
	import_db append
	start
	ask '/bid-result 200001,NIKF2,1,43210,2003-07-02 10:00:00,12,sold,torii,Nikon F2, again' \
		'/bid-result 200002,NEWITEM,7,99.50,2003-07-02 11:30:00,3,sold,tinman,Something new' \
		'/bid-result 200003,NIKF2,1,1,yesterday,3,sold,torii,bad' \
		/bid-result '/price?item=NIKF2' '/price?item=NEWITEM'
	stop
	ctl check
	cksum <append/sales.dat
	cksum <append/sales.jnl
}

t_restart() {		# the machine went down behind the journal
	import_db restart
	cp -p restart/sales.dat restart/sales.idx .
	start
	ask '/bid-result 200001,NIKF2,1,43210,2003-07-02 10:00:00,12,sold,torii,Nikon F2, again' \
		'/bid-result 200002,NEWITEM,7,99.50,2003-07-02 11:30:00,3,sold,tinman,Something new'
	stop -9
	mv sales.dat sales.idx restart
	start
	ask '/price?item=NIKF2' '/price?item=NEWITEM'
	stop
	ctl check
	cksum <restart/sales.dat
}

t_mirror() {
	import_db mirror
	start
	main=$port
	new_db mirror/copy
	(port=; ctl mirror 127.0.0.1 $main)
	db=mirror
	ask '/bid-result 200001,NIKF2,1,43210,2003-07-02 10:00:00,12,sold,torii,Nikon F2, again'
	db=mirror/copy
	(port=; ctl mirror 127.0.0.1 $main; ctl check)
	stop
	cmp mirror/sales.dat mirror/copy/sales.dat && echo same
}

t_damage() {		# a flipped bit is seen
	import_db damage
	printf 'X' | dd of=damage/sales.dat bs=1 seek=24 conv=notrunc 2>/dev/null
	ctl check
	new_db damage
	ctl import "$here/data/nosuch.csv" | sed "s,$here/,,"
	printf 'ABCD' >damage/sales.dat
	ctl check
}

all='settings import production dump export report price stats halfyear
search health append restart mirror damage'
failed=0
cd "$work" || exit 2
for s in ${*:-$all}; do
	rm -rf "$s" "$s.log"
	t_$s >"$s.txt" 2>&1
	if cmp -s "$s.txt" "$here/tests/expected/$s.txt"; then
		echo "ok      $s"
	else
		echo "FAILED  $s"
		failed=1
	fi
done
exit $failed
