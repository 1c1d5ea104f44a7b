namespace ProdOps.Logging.Formats;

/// <summary>A format that reads more lines than those it is known by: other lines of the same program, which are no reason to choose it.</summary>
internal interface IRecognizesLines
{
    /// <summary>Whether the line is one that only this format reads so.</summary>
    bool Recognizes(ReadOnlySpan<byte> line, TimeContext context, FieldList fields);
}

/// <summary>How specific a format is, and which files' names speak for it.</summary>
/// <param name="Format">The format.</param>
/// <param name="Rank">Smaller is more specific.</param>
/// <param name="Hints">Parts of files' names, in lower case.</param>
internal sealed record FormatRank(LogFormat Format, int Rank, params string[] Hints)
{
    /// <summary>All but the plain one, which is what is left.</summary>
    public static IReadOnlyList<FormatRank> All { get; } =
    [
        Of("journald", 0, "journal"),
        Of("docker-json", 0, "docker", "-json.log"),
        Of("json", 1, "json"),
        Of("mysql-slow", 2, "slow"),
        Of("postgresql-csv", 2, "postgres"),
        Of("mysql-error", 2, "mysql", "mariadb"),
        Of("postgresql", 3, "postgres"),
        Of("nginx-error", 2, "nginx"),
        Of("apache-error", 2, "apache", "httpd"),
        Of("haproxy-tcp", 4, "haproxy"),
        Of("haproxy-http", 5, "haproxy"),
        Of("nginx-access", 5, "nginx"),
        Of("apache-access", 5, "apache", "httpd", "vhost"),
        Of("syslog", 6, "syslog", "auth", "kern", "mail", "daemon", "messages", "cron"),
        Of("logfmt", 7, "logfmt"),
        Of("key-value", 8, "kv"),
    ];

    /// <summary>Whether a format is more specific than another: one that can be found by content than the plain one, or a smaller rank.</summary>
    public static bool IsMoreSpecific(string name, string other)
    {
        int one = RankOf(name);
        return one != int.MaxValue && (other == LogFormats.Plain.Name || (RankOf(other) is var two && two != int.MaxValue && one < two));
    }

    public bool Recognizes(ReadOnlySpan<byte> line, TimeContext context, FieldList fields) =>
        Format is IRecognizesLines careful ? careful.Recognizes(line, context, fields) : Format.TryReadFields(line, context, fields);

    public bool IsHintedBy(string? fileName) => fileName is not null && Hints.Any(hint => fileName.Contains(hint, StringComparison.OrdinalIgnoreCase));

    private static int RankOf(string name) => All.FirstOrDefault(rank => rank.Format.Name == name)?.Rank ?? int.MaxValue;

    private static FormatRank Of(string name, int rank, params string[] hints) => new(LogFormats.Find(name)!, rank, hints);
}
