namespace ProdOps;

/// <summary>A kind of line: what many entries say, with <c>&lt;*&gt;</c> where they differ.</summary>
public sealed record LogPattern
{
    /// <summary>What they say: <c>Accepted publickey for &lt;*&gt; from &lt;*&gt; port &lt;*&gt; ssh2</c>.</summary>
    public string Pattern { get; init; } = "";

    /// <summary>How many entries say it.</summary>
    public long Count { get; init; }

    /// <summary>Their share of all entries that were looked at. 0 to 1.</summary>
    public double Share { get; init; }

    /// <summary>When the first of them was written.</summary>
    public DateTimeOffset FirstTime { get; init; }

    /// <summary>When the last of them was written.</summary>
    public DateTimeOffset LastTime { get; init; }

    /// <summary>The worst level among them, or <see langword="null"/> if none says how severe it is.</summary>
    public LogLevel? Level { get; init; }

    /// <summary>The servers that they are of.</summary>
    public IReadOnlyList<string> Servers { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The sources that they are of.</summary>
    public IReadOnlyList<string> Sources { get; init => field = Indexable.Of(value); } = [];

    /// <summary>One of them; <see langword="null"/> where it is too long to keep.</summary>
    public LogEntry? Example { get; init; }

    /// <summary>Whether no entry said it in the time before; <see langword="null"/> where nothing was compared.</summary>
    public bool? IsNew { get; init; }

    /// <summary>How many entries said it in the time before; <see langword="null"/> where nothing was compared.</summary>
    public long? BaselineCount { get; init; }

    /// <summary>How many times as frequent it is as in the time before; <see langword="null"/> for a new one, and where nothing was compared.</summary>
    public double? Change { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Pattern;
}
