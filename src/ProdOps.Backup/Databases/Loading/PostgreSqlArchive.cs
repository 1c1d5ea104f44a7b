namespace ProdOps.Backup.Databases.Loading;

/// <summary>What an archive of pg_dump says of the database itself, beside what is in it.</summary>
/// <param name="Create">Makes the database, empty.</param>
/// <param name="Properties">Its owner, settings, rights and comment, for when it is full.</param>
internal sealed record DatabaseProperties(string Create, IReadOnlyList<string> Properties);

/// <summary>Reads what <c>pg_restore</c> prints of an archive.</summary>
internal static class PostgreSqlArchive
{
    /// <summary>
    /// The lines of <c>pg_restore --list</c> that are of the database itself: <c>3366; 1262 16388 DATABASE - shop admin</c>,
    /// <c>3367; 0 0 ACL - DATABASE shop admin</c>. Given to <c>--use-list</c>, they are all it restores.
    /// </summary>
    public static IReadOnlyList<string> DatabaseLines(IEnumerable<string> list) => [.. list.Where(IsOfDatabase)];

    /// <summary>Reads the statements that <c>pg_restore --create</c> prints of those lines, for a database of another name.</summary>
    /// <param name="script">What it printed.</param>
    /// <param name="name">The name.</param>
    /// <param name="withTablespace">Whether the database goes into the tablespace that it was in.</param>
    /// <param name="withRoles">Whether the settings of roles in the database count.</param>
    /// <returns><see langword="null"/> if no statement makes a database.</returns>
    public static DatabaseProperties? ReadProperties(string script, string name, bool withTablespace, bool withRoles)
    {
        string quoted = SqlText.Name(name);
        string? create = null;
        var properties = new List<string>();
        foreach (var statement in SqlText.Split(script))
        {
            int database = statement.Find("DATABASE");
            if (database < 0 || statement.NameAt(database + 1) is null || (!withRoles && statement.Begins("ALTER", "ROLE"))) continue;
            if (statement.Begins("CREATE", "DATABASE")) create = WithoutTablespace(statement.With(2, quoted), withTablespace);
            else if (IsProperty(statement, database)) properties.Add(statement.With(database + 1, quoted));
        }
        return create is null ? null : new DatabaseProperties(create, properties);
    }

    /// <summary>
    /// Of the script of <c>pg_dumpall --globals-only</c> what makes the roles that are not there, with their settings and what they are members of.
    /// What is there is left as it is.
    /// </summary>
    public static IReadOnlyList<string> MissingRoles(string globals, IReadOnlySet<string> known)
    {
        var statements = new List<string>();
        foreach (var statement in SqlText.Split(globals))
        {
            string? role = statement.Begins("CREATE", "ROLE") ? statement.NameAt(2)
                : statement.Begins("ALTER", "ROLE") && statement.Find("DATABASE", 3) < 0 ? statement.NameAt(2)
                : statement.Begins("COMMENT", "ON", "ROLE") ? statement.NameAt(3)
                : statement.Begins("GRANT") && statement.Find("ON") < 0 ? statement.NameAt(statement.Find("TO") + 1)
                : null;
            if (role is not null && !known.Contains(role)) statements.Add(statement.ToString());
        }
        return statements;
    }

    private static bool IsOfDatabase(string line)
    {
        int number = line.IndexOf("; ", StringComparison.Ordinal);
        if (number <= 0 || line.AsSpan(0, number).ContainsAnyExceptInRange('0', '9')) return false;
        var words = line[(number + 2)..].Split(' ', 5);
        if (words.Length < 5) return false;
        string rest = string.Join(' ', words[2..]);
        return rest.StartsWith("DATABASE - ", StringComparison.Ordinal) || rest.StartsWith("DATABASE PROPERTIES - ", StringComparison.Ordinal)
            || rest.StartsWith("ACL - DATABASE ", StringComparison.Ordinal) || rest.StartsWith("COMMENT - DATABASE ", StringComparison.Ordinal)
            || rest.StartsWith("SECURITY LABEL - DATABASE ", StringComparison.Ordinal);
    }

    private static bool IsProperty(SqlStatement statement, int database) =>
        statement.Begins("ALTER", "DATABASE") || statement.Begins("COMMENT", "ON", "DATABASE") || statement.Begins("ALTER", "ROLE")
        || (statement.Begins("SECURITY", "LABEL") && statement.Find("ON") == database - 1)
        || ((statement.Begins("GRANT") || statement.Begins("REVOKE")) && statement.Find("ON") == database - 1);

    private static string WithoutTablespace(string create, bool keep)
    {
        if (keep || SqlText.Split(create) is not [var statement] || statement.Find("TABLESPACE") is not (> 0 and var word)) return create;
        // TABLESPACE = name
        int last = Math.Min(word + 2, statement.Tokens.Count - 1);
        return statement.Text[..statement.Tokens[word].Start] + statement.Text[statement.Tokens[last].End..];
    }
}
