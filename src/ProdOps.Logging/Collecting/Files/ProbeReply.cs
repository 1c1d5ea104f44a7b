using System.Globalization;
using System.Text;
using ProdOps.Logging.Collecting.Rotation;
using ProdOps.Servers.Schedules;

namespace ProdOps.Logging.Collecting.Files;

/// <summary>Reads the answers to <see cref="FileScripts.Probe"/> and <see cref="FileScripts.Look"/>.</summary>
internal static class ProbeReply
{
    /// <summary>What a look at a server told.</summary>
    /// <exception cref="ProdOpsException">It is no such answer.</exception>
    public static ServerFacts Parse(ReadOnlySpan<byte> reply, string mark, string server, bool hasFiles)
    {
        int end = reply.IndexOf("\n\n"u8);
        if (end < 0) throw LoggingErrors.ReplyNotUnderstood(server, "facts are missing");
        var facts = new Dictionary<string, string>(StringComparer.Ordinal);
        var tools = new HashSet<string>(StringComparer.Ordinal);
        foreach (string line in Encoding.UTF8.GetString(reply[..end]).Split('\n'))
        {
            int equals = line.IndexOf('=');
            if (equals < 0) continue;
            if (line.AsSpan(0, equals) is "tool") tools.Add(line[(equals + 1)..]);
            else facts[line[..equals]] = line[(equals + 1)..];
        }

        if (!long.TryParse(facts.GetValueOrDefault("now"), NumberStyles.None, CultureInfo.InvariantCulture, out long now) || now > long.MaxValue / 2_000_000) throw LoggingErrors.ReplyNotUnderstood(server, "it does not tell the time");
        var (files, first) = hasFiles ? Files(reply[(end + 2)..], mark, server) : ([], null);
        HashSet<(string Path, string Id)> present = [.. files.Select(file => (file.Path, file.Id))], before = [.. (first ?? files).Select(file => (file.Path, file.Id))];
        return new ServerFacts(now * 1_000_000, files)
        {
            IsSteady = before.SetEquals(present),
            Unsteady = before.Where(file => !present.Contains(file)).Select(file => file.Path).ToHashSet(StringComparer.Ordinal),
            Zone = ScheduleHost.FindZone(facts.GetValueOrDefault("zone", "").Trim(), facts.GetValueOrDefault("offset", "")),
            Tools = tools,
            HasJournal = facts.ContainsKey("journal"),
        };
    }

    /// <summary>What was seen in files: an answer for each wish.</summary>
    /// <exception cref="ProdOpsException">It is no such answer.</exception>
    public static ContentFact?[] ParseLook(string reply, IReadOnlyList<ContentWish> wishes, string server)
    {
        var contents = new ContentFact?[wishes.Count];
        string[] lines = reply.Split('\n');
        int at = 0;
        while (at < lines.Length && lines[at] != "END")
        {
            string[] words = lines[at].Split(' ');
            if (words.Length != 2 || !int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int index) || index >= wishes.Count) throw LoggingErrors.ReplyNotUnderstood(server, "an answer is to nothing");
            var (file, tailEnd) = wishes[index];
            if (words[0] == "D")
            {
                contents[index] = new ContentFact(file.Id, default) { TailEnd = tailEnd, Size = file.Size, ModifiedSecond = file.ModifiedSecond };
                at++;
                continue;
            }

            if (words[0] != "L" || at + 6 > lines.Length) throw LoggingErrors.ReplyNotUnderstood(server, "an answer is cut");
            contents[index] = ToContent(lines.AsSpan(at + 1, 5), tailEnd, file.IsPacked, server);
            at += 6;
        }

        return at < lines.Length ? contents : throw LoggingErrors.ReplyCut(server);
    }

    private static ContentFact? ToContent(ReadOnlySpan<string> lines, long tailEnd, bool isPacked, string server)
    {
        string[] before = lines[0].Split(' '), after = lines[4].Split(' ');
        if (before.Length != 3 || after.Length != 3) throw LoggingErrors.ReplyNotUnderstood(server, "what a file is, is missing");
        // Another file has the name now.
        if (before[0] != after[0]) return null;
        try
        {
            bool hasLength = lines[3] is ['n', ..];
            byte[] head = Convert.FromHexString(lines[1]), tail = Convert.FromHexString(lines[2]), end = hasLength ? [] : Convert.FromHexString(lines[3]);
            long size = long.Parse(after[1], NumberStyles.None, CultureInfo.InvariantCulture);
            int asked = (int)Math.Min(tailEnd, FileMark.ContentLength);
            return new ContentFact(before[0], head.AsMemory(0, Math.Min(head.Length, FileMark.ContentLength)))
            {
                Tail = tail.AsMemory(0, Math.Min(tail.Length, asked)),
                TailEnd = tailEnd,
                GoesOn = isPacked ? tail.Length > asked : size > tailEnd,
                Length = hasLength ? long.Parse(lines[3].AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture) : null,
                Size = size,
                ModifiedSecond = long.Parse(after[2], NumberStyles.None, CultureInfo.InvariantCulture),
                LengthModulo = end.Length == 4 ? BitConverter.ToUInt32(end) : null,
            };
        }
        catch (Exception error) when (error is FormatException or OverflowException)
        {
            throw LoggingErrors.ReplyNotUnderstood(server, "a number is no number", error);
        }
    }

    /// <summary>The files of the second of two lists, and those of the first.</summary>
    private static (List<FileFact> Files, List<FileFact>? First) Files(ReadOnlySpan<byte> text, string mark, string server)
    {
        List<FileFact>? first = null;
        var files = new List<FileFact>();
        byte[] separator = Encoding.ASCII.GetBytes(mark);
        int start = text.IndexOf(separator);
        if (start != 0) throw LoggingErrors.ReplyCut(server);
        text = text[separator.Length..];
        while (text.Length > 0)
        {
            int end = text.IndexOf(separator);
            if (end < 0) throw LoggingErrors.ReplyCut(server);
            if (end == 0)
            {
                // The second list begins.
                first = files;
                files = [];
            }
            else if (ToFile(text[..end], server) is { } file) files.Add(file);
            text = text[(end + separator.Length)..];
        }

        return (files, first);
    }

    /// <summary><c>r 65024:131 4096 1764147733.1234567890 /var/log/x.log</c>. A name that is not UTF-8 could not be asked for again: such a file is left out.</summary>
    private static FileFact? ToFile(ReadOnlySpan<byte> record, string server)
    {
        // stat ends each of its lines.
        if (record.EndsWith("\n"u8)) record = record[..^1];
        string text = Encoding.UTF8.GetString(record);
        string[] words = text.Split(' ', 5);
        if (words is not ["r" or "u", var id, var size, var time, { Length: > 0 } path]) throw LoggingErrors.ReplyNotUnderstood(server, "what a file is, is missing");
        if (path.Contains('\uFFFD') || path.Contains('\0')) return null;
        if (!long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out long length) || !TryReadTime(time, out long modified)) throw LoggingErrors.ReplyNotUnderstood(server, "a number is no number");
        return new FileFact(path, id, length, modified) { IsReadable = words[0] == "r" };
    }

    private static bool TryReadTime(string text, out long microseconds)
    {
        int point = text.IndexOf('.');
        string whole = point < 0 ? text : text[..point], part = point < 0 ? "" : text[(point + 1)..];
        microseconds = 0;
        if (!long.TryParse(whole, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long seconds) || Math.Abs(seconds) > long.MaxValue / 2_000_000 || part.Any(c => !char.IsAsciiDigit(c))) return false;
        microseconds = (seconds * 1_000_000) + (part.Length == 0 ? 0 : long.Parse(part.PadRight(6, '0').AsSpan(0, 6), NumberStyles.None, CultureInfo.InvariantCulture));
        return true;
    }
}
