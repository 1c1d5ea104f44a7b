namespace ProdOps.Recovery.Capture.Scripts;

/// <summary>What databases tell of themselves.</summary>
internal static class DatabasesPart
{
    public const string Text = """
        if has psql && [ "$(id -u)" = 0 ] && id postgres >/dev/null 2>&1; then
            if has runuser; then as_owner() { runuser -u "$@"; }; else as_owner() { owner=$1; shift 2; sudo -n -u "$owner" -- "$@"; }; fi
            clusters=$(if has pg_lsclusters; then pg_lsclusters -h 2>/dev/null | awk '{ print $1, $2, $3, $4, $5, $6 }'; else echo '- - 5432 online postgres -'; fi)
            part postgresql; printf '%s\n' "$clusters" | quote
            printf '%s\n' "$clusters" | while read -r version cluster port status owner folder; do
                if [ "$status" = online ]; then
                    part "postgresql-$port"
                    $limit runuser -u "$owner" -- psql -X -q -A -t -F ' ' -p "$port" -d postgres -c "
                        select 'database', pg_database_size(oid), pg_get_userbyid(datdba), pg_encoding_to_char(encoding), translate(datname, E' \t\r\n', '____') from pg_database where datallowconn and not datistemplate;
                        select 'role', rolcanlogin, rolsuper, rolreplication, translate(rolname, E' \t\r\n', '____') from pg_roles where rolname !~ '^pg_';
                        select 'setting', name, setting from pg_settings where name in ('server_version', 'data_directory', 'hba_file', 'archive_mode', 'wal_level')" 2>/dev/null </dev/null | quote
                fi
            done
        fi
        for client in mariadb mysql; do
            if has $client; then
                if [ -S /run/mysqld/mysqld.sock ] || [ -S /var/lib/mysql/mysql.sock ]; then
                    ask mariadb $client --no-defaults -N -B -e "
                        select 'database', coalesce(sum(t.data_length + t.index_length), 0), s.default_character_set_name, s.schema_name from information_schema.schemata s left join information_schema.tables t on t.table_schema = s.schema_name where s.schema_name not in ('information_schema', 'performance_schema', 'sys', 'mysql') group by s.schema_name, s.default_character_set_name;
                        select 'role', host, plugin, user from mysql.user where user not in ('mariadb.sys', 'mysql.sys', 'mysql.session', 'mysql.infoschema');
                        select 'setting', 'version', version(); select 'setting', 'datadir', @@datadir"
                else part mariadb-stopped; fi
                break
            fi
        done
        if has redis-cli; then ask redis redis-cli --no-auth-warning info; ask redis-folder redis-cli --no-auth-warning config get dir; fi

        """;
}
