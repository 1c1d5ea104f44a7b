using ProdOps.Backup.Databases;
using ProdOps.Backup.Databases.Loading;

namespace ProdOps.Backup.Tests.Databases;

/// <summary>What pg_dumpall and pg_restore print is read, and anything else does no harm.</summary>
public sealed class SqlTextTests
{
    private const string Globals = """"
        --
        -- PostgreSQL database cluster dump
        --
        \restrict abc
        SET default_transaction_read_only = off;
        CREATE ROLE clerk;
        ALTER ROLE clerk WITH NOSUPERUSER LOGIN PASSWORD 'SCRAM-SHA-256$4096:a''b;c$d';
        CREATE ROLE "We;ird ""one""";
        ALTER ROLE "We;ird ""one""" WITH LOGIN;
        ALTER ROLE clerk SET search_path TO 'a', E'b\'c;';
        ALTER ROLE clerk IN DATABASE shop SET work_mem TO '1MB';
        COMMENT ON ROLE clerk IS $x$ a ; b $x$;
        GRANT readers TO clerk GRANTED BY postgres;
        GRANT readers TO postgres;
        /* CREATE ROLE no; /* nested */ */
        CREATE TABLESPACE fast OWNER postgres LOCATION '/fast';
        CREATE ROLE cut
        """";

    private const string Properties = """
        SET client_encoding = 'UTF8';
        SELECT pg_catalog.set_config('search_path', '', false);
        CREATE DATABASE "my shop" WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE = 'C.UTF-8' TABLESPACE = fast CONNECTION LIMIT = 5;
        ALTER DATABASE "my shop" OWNER TO clerk;
        \connect -reuse-previous=on "dbname='my shop'"
        ALTER DATABASE "my shop" SET work_mem TO '7MB';
        ALTER ROLE clerk IN DATABASE "my shop" SET work_mem TO '8MB';
        COMMENT ON DATABASE "my shop" IS 'a; DATABASE b';
        REVOKE CONNECT,TEMPORARY ON DATABASE "my shop" FROM PUBLIC;
        GRANT CONNECT ON DATABASE "my shop" TO clerk;
        """;

    [Fact]
    public void Only_roles_that_are_missing_are_made() => Assert.Equal(
        [
            "CREATE ROLE \"We;ird \"\"one\"\"\";", "ALTER ROLE \"We;ird \"\"one\"\"\" WITH LOGIN;",
        ],
        PostgreSqlArchive.MissingRoles(Globals, new HashSet<string> { "clerk", "postgres" }));

    [Fact]
    public void A_missing_role_comes_with_its_password_settings_and_memberships()
    {
        var statements = PostgreSqlArchive.MissingRoles(Globals, new HashSet<string> { "postgres", "We;ird \"one\"" });
        Assert.Equal(5, statements.Count);
        Assert.Contains("ALTER ROLE clerk WITH NOSUPERUSER LOGIN PASSWORD 'SCRAM-SHA-256$4096:a''b;c$d';", statements);
        Assert.Contains("GRANT readers TO clerk GRANTED BY postgres;", statements);
        Assert.Contains("ALTER ROLE clerk SET search_path TO 'a', E'b\\'c;';", statements);
    }

    [Fact]
    public void A_databases_properties_are_given_to_another_name()
    {
        var read = PostgreSqlArchive.ReadProperties(Properties, "a \"b", withTablespace: false, withRoles: true)!;
        Assert.Equal("CREATE DATABASE \"a \"\"b\" WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE = 'C.UTF-8'  CONNECTION LIMIT = 5;", read.Create);
        Assert.Equal(
            [
                "ALTER DATABASE \"a \"\"b\" OWNER TO clerk;", "ALTER DATABASE \"a \"\"b\" SET work_mem TO '7MB';",
                "ALTER ROLE clerk IN DATABASE \"a \"\"b\" SET work_mem TO '8MB';", "COMMENT ON DATABASE \"a \"\"b\" IS 'a; DATABASE b';",
                "REVOKE CONNECT,TEMPORARY ON DATABASE \"a \"\"b\" FROM PUBLIC;", "GRANT CONNECT ON DATABASE \"a \"\"b\" TO clerk;",
            ],
            read.Properties);
        Assert.Contains("TABLESPACE = fast", PostgreSqlArchive.ReadProperties(Properties, "x", withTablespace: true, withRoles: false)!.Create, StringComparison.Ordinal);
        Assert.Null(PostgreSqlArchive.ReadProperties("SELECT 1;", "x", true, true));
    }

    [Fact]
    public void Lines_of_the_database_itself_are_told_from_what_is_in_it() => Assert.Equal(
        ["3366; 1262 16388 DATABASE - shop admin", "3367; 0 0 DATABASE PROPERTIES - shop admin", "3368; 0 0 ACL - DATABASE shop admin", "3369; 0 0 COMMENT - DATABASE shop admin"],
        PostgreSqlArchive.DatabaseLines(
        [
            ";", "; Archive created at", "3366; 1262 16388 DATABASE - shop admin", "3367; 0 0 DATABASE PROPERTIES - shop admin", "214; 1259 16389 TABLE public DATABASE admin",
            "3368; 0 0 ACL - DATABASE shop admin", "3369; 0 0 COMMENT - DATABASE shop admin", "3370; 0 0 COMMENT - SCHEMA public admin", "x; 0 0 DATABASE - y z", "", "5;",
        ]));

    [Theory]
    [InlineData("plain")]
    [InlineData("we'ird/=na%2Fme")]
    [InlineData("..")]
    [InlineData("%25.")]
    public void A_databases_name_comes_back_from_its_path(string name) =>
        Assert.Equal(name, DatabaseDump.FromPath($"/postgresql/{DumpName.PathPart(name)}.dump")!.Name);

    [Theory]
    [InlineData("users", "/mariadb/%75sers.sql")]
    [InlineData("%75sers", "/mariadb/%2575sers.sql")]
    [InlineData("Users", "/mariadb/Users.sql")]
    [InlineData("users/x", "/mariadb/users%2Fx.sql")]
    public void A_database_that_is_called_as_the_file_of_the_users_has_another_one(string name, string path)
    {
        Assert.Equal(path, $"/mariadb/{DumpName.PathPart(name, MariaDb.UsersName)}.sql");
        Assert.Equal(new DatabaseDump(DatabaseKind.MariaDb, name, path), DatabaseDump.FromPath(path));
    }

    [Theory]
    [InlineData("/postgresql/globals.sql")]
    [InlineData("/mariadb/users.sql")]
    [InlineData("/etc/hosts")]
    [InlineData("/postgresql/a/b.dump")]
    [InlineData("/postgresql/.dump")]
    [InlineData("/sqlite/../etc/x")]
    [InlineData("/sqlite/")]
    [InlineData("")]
    public void What_is_no_dump_is_none(string path) => Assert.Null(DatabaseDump.FromPath(path));

    [Fact]
    public void Anything_at_all_is_read_without_harm()
    {
        var random = new Random(29);
        var none = new HashSet<string>();
        foreach (string good in new[] { Globals, Properties })
        {
            for (int round = 0; round < 5_000; round++)
            {
                char[] letters = good.ToCharArray();
                for (int change = random.Next(1, 6); change > 0; change--) letters[random.Next(letters.Length)] = "'\"$;\\/*-e \nDX"[random.Next(13)];
                string text = new(letters, 0, random.Next(letters.Length + 1));
                _ = PostgreSqlArchive.MissingRoles(text, none);
                _ = PostgreSqlArchive.ReadProperties(text, "x", false, true);
                _ = PostgreSqlArchive.DatabaseLines(text.Split('\n'));
                _ = DatabaseDump.FromPath(text);
            }
        }
    }
}
