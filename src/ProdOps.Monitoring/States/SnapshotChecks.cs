using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace ProdOps.Monitoring.States;

/// <summary>
/// Reads a snapshot's checks by hand, or passes over them: of a thousand servers there are sixty thousand, and they are most of what reading it costs. Their names are
/// the same again and again, and made once.
/// </summary>
internal sealed class SnapshotChecks
{
    private readonly Dictionary<ulong, (byte[] Utf8, string Name)> _names = [];
    private byte[] _momentText = [];
    private DateTimeOffset _moment;

    /// <summary>Takes the checks out of a snapshot's text.</summary>
    /// <param name="text">The snapshot.</param>
    /// <param name="into">Takes them in; <see langword="null"/> to pass over them.</param>
    /// <returns>The snapshot without them.</returns>
    /// <exception cref="JsonException">They are not as <see cref="MonitorState.WriteJson"/> writes them.</exception>
    public static byte[] Take(ReadOnlySpan<byte> text, IDictionary<CheckKey, CheckState>? into)
    {
        // What stands before them has no texts but of moments. Where there are none, they are left out.
        var name = "\"checks\":["u8;
        int start = text.IndexOf(name);
        if (start < 0) return text.ToArray();
        var scanner = new SnapshotScanner(text, start += name.Length);
        var checks = new SnapshotChecks();
        for (bool isFirst = true; scanner.Item(ref isFirst);)
        {
            if (into is null)
            {
                scanner.Skip();
                continue;
            }

            var (key, state) = checks.Check(ref scanner);
            into[key] = state;
        }

        return [.. text[..start], .. text[(scanner.At - 1)..]];
    }

    private (CheckKey Key, CheckState State) Check(ref SnapshotScanner scanner)
    {
        CheckKey? key = null;
        CheckState? state = null;
        scanner.Expect('{');
        for (bool isFirst = true; scanner.Property(ref isFirst, out var name);)
        {
            if (name.SequenceEqual("key"u8)) key = Key(ref scanner);
            else if (name.SequenceEqual("state"u8)) state = State(ref scanner);
            else scanner.Skip();
        }

        return (key ?? throw scanner.Unexpected(), state ?? throw scanner.Unexpected());
    }

    private CheckKey Key(ref SnapshotScanner scanner)
    {
        string? server = null, rule = null, instance = null;
        scanner.Expect('{');
        for (bool isFirst = true; scanner.Property(ref isFirst, out var name);)
        {
            if (name.SequenceEqual("server"u8)) server = Name(ref scanner);
            else if (name.SequenceEqual("rule"u8)) rule = Name(ref scanner);
            else if (name.SequenceEqual("instance"u8)) instance = scanner.TakeNull() ? null : Name(ref scanner);
            else scanner.Skip();
        }

        return new CheckKey(server ?? throw scanner.Unexpected(), rule ?? throw scanner.Unexpected(), instance);
    }

    private CheckState State(ref SnapshotScanner scanner)
    {
        HealthState last = default, level = default;
        bool missing = false, flapping = false;
        double? value = null;
        string? message = null;
        DateTimeOffset since = default;
        Side warning = default, critical = default, unknown = default;
        IReadOnlyList<Change> changes = [];
        scanner.Expect('{');
        for (bool isFirst = true; scanner.Property(ref isFirst, out var name);)
        {
            if (name.SequenceEqual("since"u8)) since = Moment(ref scanner);
            else if (name.SequenceEqual("warning"u8)) warning = SideOf(ref scanner);
            else if (name.SequenceEqual("critical"u8)) critical = SideOf(ref scanner);
            else if (name.SequenceEqual("unknown"u8)) unknown = SideOf(ref scanner);
            else if (name.SequenceEqual("changes"u8)) changes = Changes(ref scanner);
            else if (name.SequenceEqual("value"u8)) value = scanner.TakeNull() ? null : scanner.Number();
            else if (name.SequenceEqual("message"u8)) message = scanner.TakeNull() ? null : scanner.Text();
            else if (name.SequenceEqual("last"u8)) last = Health(ref scanner);
            else if (name.SequenceEqual("level"u8)) level = Health(ref scanner);
            else if (name.SequenceEqual("missing"u8)) missing = scanner.Boolean();
            else if (name.SequenceEqual("flapping"u8)) flapping = scanner.Boolean();
            else scanner.Skip();
        }

        return new CheckState
        {
            Last = last, Level = level, Missing = missing, Flapping = flapping, Value = value, Message = message, Since = since, Warning = warning, Critical = critical, Unknown = unknown, Changes = changes,
        };
    }

    private Side SideOf(ref SnapshotScanner scanner)
    {
        bool beyond = false;
        int count = 0;
        DateTimeOffset since = default;
        scanner.Expect('{');
        for (bool isFirst = true; scanner.Property(ref isFirst, out var name);)
        {
            if (name.SequenceEqual("count"u8)) count = scanner.Whole();
            else if (name.SequenceEqual("beyond"u8)) beyond = scanner.Boolean();
            else if (name.SequenceEqual("since"u8)) since = Moment(ref scanner);
            else scanner.Skip();
        }

        return new Side(beyond, count, since);
    }

    private IReadOnlyList<Change> Changes(ref SnapshotScanner scanner)
    {
        List<Change>? changes = null;
        scanner.Expect('[');
        for (bool isFirst = true; scanner.Item(ref isFirst);)
        {
            DateTimeOffset time = default;
            HealthState to = default;
            scanner.Expect('{');
            for (bool isFirstOfIt = true; scanner.Property(ref isFirstOfIt, out var name);)
            {
                if (name.SequenceEqual("time"u8)) time = Moment(ref scanner);
                else if (name.SequenceEqual("to"u8)) to = Health(ref scanner);
                else scanner.Skip();
            }

            (changes ??= []).Add(new Change(time, to));
        }

        return changes is null ? [] : changes;
    }

    private static HealthState Health(ref SnapshotScanner scanner) => Enum.TryParse<HealthState>(scanner.Text(), out var state) ? state : throw scanner.Unexpected();

    /// <summary>What a check has seen mostly began at one moment, which is written down with each part of it.</summary>
    private DateTimeOffset Moment(ref SnapshotScanner scanner)
    {
        var raw = scanner.Raw(out _);
        if (raw.Length > 0 && raw.SequenceEqual(_momentText)) return _moment;
        if (!Utf8Parser.TryParse(raw, out _moment, out int used, 'O') || used != raw.Length) _moment = DateTimeOffset.TryParse(Encoding.UTF8.GetString(raw), System.Globalization.CultureInfo.InvariantCulture, out var other) ? other : throw scanner.Unexpected();
        _momentText = raw.ToArray();
        return _moment;
    }

    private string Name(ref SnapshotScanner scanner)
    {
        var before = scanner;
        var raw = scanner.Raw(out bool isEscaped);
        // FNV-1a; of two names that have one hash the second is made each time.
        ulong hash = 14695981039346656037;
        foreach (byte one in raw) hash = (hash ^ one) * 1099511628211;
        if (_names.TryGetValue(hash, out var known) && raw.SequenceEqual(known.Utf8)) return known.Name;
        string name = isEscaped ? before.Text() : Encoding.UTF8.GetString(raw);
        _names.TryAdd(hash, (raw.ToArray(), name));
        return name;
    }
}
