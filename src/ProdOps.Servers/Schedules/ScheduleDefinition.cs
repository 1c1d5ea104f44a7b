using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ProdOps.Servers.Schedules;

/// <summary>What runs, and when, as the admin said it. The files on the server carry it as one line of JSON, which is how ours are known.</summary>
internal sealed record ScheduleDefinition
{
    /// <summary>What the line that carries a definition begins with, in every kind of file: all take # for a comment.</summary>
    public const string MarkerPrefix = "# prodops-schedule ";

    /// <summary>An argument of 128 KiB is more than Linux starts a program with (MAX_ARG_STRLEN).</summary>
    private const int MaximumCommandLength = 100_000;

    private const int MaximumNameLength = 64;

    // Text is spelled out in the file as far as one line can: whoever reads it sees what was written. No browser ever sees it.
    private static readonly JsonSerializerOptions Json = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
    };

    public string Name { get; init; } = "";

    public string? Description { get; init; }

    public string? Command { get; init; }

    public string? FilePath { get; init; }

    public IReadOnlyList<string>? Arguments { get; init; }

    public IReadOnlyList<string>? Cron { get; init; }

    public IReadOnlyList<TimeOnly>? Daily { get; init; }

    public TimeSpan Every { get; init; }

    public IReadOnlyList<string>? Calendar { get; init; }

    public TimeSpan RandomDelay { get; init; }

    /// <summary>It runs always, as a service, and not at certain times. It tells systemd itself when it is ready (sd_notify(3)).</summary>
    public bool Always { get; init; }

    /// <summary>The account to run as; <see langword="null"/> for the one that registers.</summary>
    public string? User { get; init; }

    /// <summary>When it runs, for people.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Times =>
    [
        .. Always ? ["Always"] : Array.Empty<string>(),
        .. (Daily ?? []).Select(time => $"Daily {time:HH':'mm}"),
        .. Every > TimeSpan.Zero ? [$"Every {Every:c}"] : Array.Empty<string>(),
        .. (Cron ?? []).Select(cron => $"Cron {cron}"),
        .. (Calendar ?? []).Select(calendar => $"OnCalendar {calendar}"),
    ];

    // null in a list, which only a hand writes.
    private bool HasGaps => new[] { Arguments, Cron, Calendar }.Any(static list => list?.Contains(null!) == true);

    public static bool IsValidName(string? name) =>
        name is { Length: > 0 and <= MaximumNameLength } && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <summary>The definition in a file's text, or <see langword="null"/> where there is none that this version understands.</summary>
    public static ScheduleDefinition? Find(ReadOnlySpan<char> text)
    {
        foreach (var line in text.EnumerateLines())
        {
            if (!line.StartsWith(MarkerPrefix, StringComparison.Ordinal)) continue;
            try
            {
                var found = JsonSerializer.Deserialize<ScheduleDefinition>(line[MarkerPrefix.Length..].TrimEnd(), Json);
                return found is not null && IsValidName(found.Name) && !found.HasGaps ? found : null;
            }
            catch (JsonException)
            {
                return null;
            }
        }

        return null;
    }

    /// <summary>The line that carries the definition.</summary>
    public string ToMarker() => MarkerPrefix + JsonSerializer.Serialize(this, Json);

    /// <summary>Refuses what could never be registered anywhere.</summary>
    public void Validate()
    {
        if (!IsValidName(Name)) throw ServersErrors.ScheduleNameInvalid(Name);
        if (Times.Count == 0) throw ServersErrors.ScheduleTimeMissing(Name);
        if (Every < TimeSpan.Zero || Every > TimeSpan.FromDays(7)) throw ServersErrors.ScheduleIntervalInvalid(Name, Every, "an interval is at most a week");
        if (Every.Ticks % TimeSpan.TicksPerSecond != 0) throw ServersErrors.ScheduleIntervalInvalid(Name, Every, "it is not a number of seconds");
        foreach (string cron in Cron ?? []) CronExpression.Parse(cron);
        foreach (string? text in (string?[])[Command, FilePath, User, .. Arguments ?? [], .. Calendar ?? []])
        {
            if (text is null) continue;
            if (text.Contains('\0')) throw ServersErrors.ScheduleTextInvalid(Name, "it holds a NUL character");
            if (text.Length > MaximumCommandLength) throw ServersErrors.ScheduleTextInvalid(Name, $"it is longer than {MaximumCommandLength:N0} characters");
        }

        if (Command is not null && Command.Trim() is "" or "-") throw ServersErrors.ScheduleTextInvalid(Name, "it is empty");
        if (FilePath is not null && !IsFullPath(FilePath)) throw ServersErrors.ScheduleTextInvalid(Name, $"'{FilePath}' is not a full path");
    }

    /// <summary>A full path of POSIX or of Windows; whether it is one of the server's, the server is asked.</summary>
    private static bool IsFullPath(string path) => path is ['/', ..] or ['\\', '\\', ..] || (path is [var drive, ':', '\\' or '/', ..] && char.IsAsciiLetter(drive));

    /// <summary>The words that run it, by the program found on the server.</summary>
    public IReadOnlyList<string> Words(string runner) => Command is null
        ? [runner, "-NoProfile", "-NonInteractive", "-File", FilePath!, .. Arguments ?? []]
        : [runner, "-NoProfile", "-NonInteractive", "-Command", Command];
}
