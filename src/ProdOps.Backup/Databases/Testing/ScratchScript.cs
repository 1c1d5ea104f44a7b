using System.Globalization;
using ProdOps.Servers.Commands;

namespace ProdOps.Backup.Databases.Testing;

/// <summary>
/// Shell texts that make a folder, run a database server in it on a Unix socket, print <c>folder PATH</c>, <c>version TEXT</c> and <c>ready</c>, and wait
/// for the end of their standard input. Then, and whatever else ends them, the server is stopped and the folder removed. The server is in
/// the shell's process group, so that what ends that ends it too, and its process id is known before it begins.
/// </summary>
internal static class ScratchScript
{
    /// <param name="kind">The kind of server.</param>
    /// <param name="parent">Where the folder is made; <see langword="null"/> is the machine's place for temporary files.</param>
    /// <param name="size">SQLite and Redis: how many bytes of the dump come over standard input first.</param>
    public static string For(DatabaseKind kind, string? parent, long size)
    {
        string length = size.ToString(CultureInfo.InvariantCulture);
        return Begin(parent, kind switch { DatabaseKind.PostgreSql => "postgres", DatabaseKind.MariaDb => "mysql", _ => "" }) + kind switch
        {
            DatabaseKind.PostgreSql => PostgreSql,
            DatabaseKind.MariaDb => MariaDb,
            DatabaseKind.Sqlite => Receive(length) + Sqlite,
            _ => Receive(length) + Redis,
        } + End;
    }

    // PostgreSQL and MariaDB refuse to run as root. A socket's path has 107 characters at most.
    private static string Begin(string? parent, string user)
    {
        string place = parent is null ? "${TMPDIR:-/var/tmp}" : ShellQuote.Word(parent);
        return $$"""
        umask 077
        PATH=$PATH:/usr/sbin:/sbin:/usr/local/sbin; export PATH
        base={{place}}
        mkdir -p "$base" && s=$(mktemp -d "$base/prodops-test-XXXXXX") || exit
        stop() { :; }
        trap 'trap "" HUP INT TERM PIPE; stop; rm -rf "$s"' EXIT
        trap 'exit 129' HUP INT TERM PIPE
        fail() { [ ! -f "$s/log" ] || tail -n 5 "$s/log" >&2; echo "$1" >&2; exit "${2:-1}"; }
        case $s in *[!A-Za-z0-9/_.,@:+-]*) fail "the path $s has characters that cannot be in a scratch folder's path";; esac
        [ ${#s} -le 90 ] || fail "the path $s is too long for a socket in it"
        printf 'folder %s\n' "$s"
        pause() { kill -0 "$p" 2>/dev/null || fail "the server ended"; sleep 0.1 2>/dev/null || sleep 1; }
        as_user() { "$@"; }
        u={{user}}
        if [ -n "$u" ] && [ "$(id -u)" = 0 ]; then
          id "$u" >/dev/null 2>&1 || u=nobody
          chown "$u" "$s" && cd / || exit
          if command -v runuser >/dev/null 2>&1; then as_user() { runuser -u "$u" -- "$@"; }; else as_user() { sudo -n -u "$u" -- "$@"; }; fi
        fi
        run() {
          as_user sh -c 'echo $$ >"$0.new"; mv "$0.new" "$0"; exec "$@"' "$s/process" "$@" >"$s/log" 2>&1 </dev/null &
          p=$!
        }
        end() {
          until [ -s "$s/process" ]; do kill -0 "$p" 2>/dev/null || return 0; sleep 0.1 2>/dev/null || sleep 1; done
          kill -s "$1" "$(cat "$s/process")" 2>/dev/null
          wait "$p"
        }

        """;
    }

    private const string PostgreSql =
        """
        b=$(for d in /usr/lib/postgresql/*/bin; do [ -x "$d/initdb" ] && echo "$d"; done | sort -t/ -k5 -n | tail -n 1)
        [ -n "$b" ] || b=$(for d in /usr/pgsql-*/bin /usr/local/pgsql/bin; do [ -x "$d/initdb" ] && echo "$d"; done | tail -n 1)
        [ -n "$b" ] || { b=$(command -v initdb) && b=${b%/*}; } || fail "PostgreSQL's server is not installed" 127
        as_user "$b/initdb" -D "$s/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$s/log" 2>&1 || fail "initdb failed"
        stop() { end QUIT; }
        run "$b/postgres" -D "$s/data" -k "$s" -c listen_addresses=
        until "$b/pg_isready" -q -h "$s" >/dev/null 2>&1; do pause; done
        printf 'version %s\n' "$("$b/postgres" --version)"

        """;

    private const string MariaDb =
        """
        i=$(command -v mariadb-install-db || command -v mysql_install_db) && d=$(command -v mariadbd || command -v mysqld) || fail "MariaDB's server is not installed" 127
        as_user "$i" --no-defaults --datadir="$s/data" --auth-root-authentication-method=normal --skip-test-db >"$s/log" 2>&1 || fail "mariadb-install-db failed"
        stop() { end KILL; }
        run "$d" --no-defaults --datadir="$s/data" --socket="$s/s" --skip-networking --pid-file="$s/pid" --max-allowed-packet=1G
        a=$(command -v mariadb-admin || command -v mysqladmin) || fail "mariadb-admin is not installed" 127
        until "$a" --no-defaults -S "$s/s" -u root ping >/dev/null 2>&1; do pause; done
        printf 'version %s\n' "$("$d" --no-defaults --version)"

        """;

    private static string Receive(string length) =>
        $$"""
        head -c {{length}} >"$s/dump" || exit
        [ "$(wc -c <"$s/dump" | tr -d ' ')" = {{length}} ] || fail "the dump did not come whole"

        """;

    private const string Sqlite =
        """
        command -v sqlite3 >/dev/null || fail "sqlite3 is not installed" 127
        r=$(sqlite3 -batch -bail "$s/dump" 'PRAGMA integrity_check' </dev/null) || exit
        [ "$r" = ok ] || fail "the database is damaged: $r"
        printf 'version SQLite %s\n' "$(sqlite3 --version)"

        """;

    private const string Redis =
        """
        command -v redis-server >/dev/null || fail "Redis' server is not installed" 127
        redis-check-rdb "$s/dump" >"$s/log" 2>&1 || fail "the dump is damaged"
        stop() { end KILL; }
        run redis-server --port 0 --unixsocket "$s/s" --dir "$s" --dbfilename dump --save '' --appendonly no
        until [ "$(redis-cli -s "$s/s" ping 2>/dev/null)" = PONG ]; do pause; done
        printf 'version %s\n' "$(redis-server --version)"

        """;

    private const string End =
        """
        echo ready
        cat >/dev/null
        exit 0
        """;
}
