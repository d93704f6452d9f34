# Runs one PostgreSQL server for as long as standard input stays open, then stops it and removes all it kept: also when whoever asked
# for it was killed. Arguments: the folder of PostgreSQL's programs, the folder to keep everything in, the port on loopback.
bin=$1 folder=$2 port=$3
end() {
    "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1
    rm -rf "$folder"
}
trap end EXIT
trap 'exit 1' HUP INT TERM
# Nobody may be left to hear that it is ready.
trap '' PIPE
# The settings are in its own file, so that whoever starts it again need not know them.
cd "$folder" &&
    "$bin/initdb" -D data -U chartroom --pwfile=password --auth-local=trust --auth-host=scram-sha-256 \
        --encoding=UTF8 --locale=C --no-sync >log 2>&1 &&
    printf '%s\n' "listen_addresses = '127.0.0.1'" "port = $port" "unix_socket_directories = '$folder'" \
        "max_connections = 200" >>data/postgresql.conf &&
    "$bin/pg_ctl" -D data -l log -w start >/dev/null 2>&1 ||
    { tail -n 1 log; exit 1; }
echo ready
read -r _
