using System.Globalization;
using static ProdOps.ServerConfigurationClass;
using static ProdOps.ServerConfigurationKind;

namespace ProdOps.Recovery.Capture.Reading;

/// <summary>What lies on the disks and is not as a package has it: files of configuration one by one, data by its folder.</summary>
/// <param name="text">What the script printed.</param>
/// <param name="items">Where items go.</param>
/// <param name="backups">What backup sets have.</param>
internal sealed class FileReader(CaptureText text, ItemList items, BackedUp backups)
{
    private readonly Dictionary<string, string> _sums = Sums(text.Lines("sums"));
    private readonly Dictionary<string, string> _proofs = Sums(text.Lines("proofs"));
    private readonly HashSet<string> _secrets = [.. text.Lines("secrets")];
    private readonly HashSet<string> _modified = [.. text.Lines("modified")];
    private readonly Dictionary<string, string> _packages = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _services = ServiceReader.OpenFolders(text);
    private readonly Dictionary<string, string> _targets = new(StringComparer.Ordinal);
    private long _files, _bytes, _explainedFiles, _explainedBytes;

    /// <summary>Reads all of it.</summary>
    /// <returns>How much of it is explained.</returns>
    public ServerConfigurationCoverage Read()
    {
        foreach (string line in text.Lines("conffiles"))
            if (line.Split(' ', 4) is [var state, var kind, var package, var path])
            {
                _packages.TryAdd(path, package);
                if (state == "missing" && kind == "c") items.Add(ServerConfigurationKind.File, path, Replay, "a package's configuration file that was removed", null, ("State", "missing"), ("Package", package));
                else if (state == "unread") items.Gap(path, "only root may read it");
            }

        // Where find is BusyBox's, links' targets come apart.
        foreach (string line in text.Lines("links"))
            if (line.IndexOf('\t') is > 0 and var tab) _targets.TryAdd(line[..tab], line[(tab + 1)..]);
        var walk = text.Lines("walk");
        foreach (string line in walk)
            if (line.Split('\t') is ["P", var package, var path]) _packages.TryAdd(path, package);
        for (int i = 0; i < walk.Count; i++)
        {
            string? target = i + 1 < walk.Count && walk[i + 1].StartsWith("L\t", StringComparison.Ordinal) ? walk[i + 1][2..].TrimStart('\t') : null;
            ReadLine(walk[i], target);
        }

        foreach (string line in walk)
            if (line.StartsWith("E\t", StringComparison.Ordinal) && line.Length > 2) items.Gap("files", Complaint(line[2..]));
        return new ServerConfigurationCoverage { Files = _files, ExplainedFiles = _explainedFiles, Bytes = _bytes, ExplainedBytes = _explainedBytes };
    }

    private void ReadLine(string line, string? target)
    {
        string[] words = line.Split('\t');
        switch (words[0])
        {
            case "Fn" or "Fc" or "Fu" or "Fm" or "Fk" when words.Length >= 9 && Number(words[3]) is { } size:
                AddFile(words[0][1], words[1] == "1", words[2], size, words[4], words[5], words[6], words[7], string.Join('\t', words[8..]), target);
                break;
            case "D" when words.Length >= 5:
                AddDirectory(words[1], words[2], words[3], string.Join('\t', words[4..]));
                break;
            case "A" when words.Length >= 5 && Number(words[1]) is { } files && Number(words[2]) is { } bytes:
                AddData(files, bytes, words[3], string.Join('\t', words[4..]));
                break;
            case "T" when words.Length >= 10:
                Count(Number(words[1]), Number(words[2]));
                Count(Number(words[3]), Number(words[4]));
                Count(Number(words[8]), Number(words[9]));
                if (Number(words[5]) >= 20_000) items.Gap("files", "there are more than 20,000 files of configuration; the rest is counted by folder");
                if (Number(words[7]) >= 500) items.Gap("files", "there are more than 500 files that look like secrets among data");
                break;
        }
    }

    private void AddFile(char flag, bool named, string type, long size, string time, string mode, string owner, string group, string path, string? target)
    {
        if (flag == 'm' && !_modified.Contains(path)) return;
        var (@class, reason) = flag switch
        {
            'c' => (Replay, "a package's configuration file that was changed"),
            'u' => (Replay, "a configuration file that a package made and that was changed"),
            'm' => (Unexplained, "a package's file that is not as the package has it"),
            _ => FileRules.Of(path),
        };
        bool isLink = type == "l";
        target = isLink ? target ?? _targets.GetValueOrDefault(path) : null;
        if (isLink && target?.StartsWith("/etc/alternatives/", StringComparison.Ordinal) == true) (@class, reason) = (Rebuild, "made by packages");
        bool secret = !isLink && (named || _secrets.Contains(path)) && @class is not (Ephemeral or Rebuild);
        if (secret && @class != Secret) (@class, reason) = (Secret, named ? "is a secret by its name" : "a password, token or key stands in it");
        // What is large is no configuration that anybody types.
        if (@class == Replay && !isLink && size > 1024 * 1024) (@class, reason) = (Restore, "is too large to be written into a plan");
        if (path.Contains('\ufffd') && @class == Replay) (@class, reason) = (Restore, "its name cannot be written down");
        string? set = backups.SetOf(path);
        if (set is not null && @class == Unexplained) (@class, reason) = (Restore, "is in a backup");
        if (flag != 'k' && !isLink) Count(size, @class);
        // A secret's sum is salted, and the salt is forgotten: it tells whether two captures of one command agree, and nothing else.
        items.Add(isLink ? Link : ServerConfigurationKind.File, path, @class, reason, isLink ? null : size, ("Mode", isLink ? null : Octal(mode)), ("Owner", owner), ("Group", group), ("Target", target),
            ("Checksum", secret || named || @class == Secret ? null : _sums.GetValueOrDefault(path)), ("Proof", _proofs.GetValueOrDefault(path)), ("Modified", isLink ? null : Moment(time)), ("Package", _packages.GetValueOrDefault(path)), ("BackupSet", set));
    }

    private void AddDirectory(string mode, string owner, string group, string path)
    {
        // What packages and the system keep for themselves is no folder of an admin's.
        if (path.StartsWith("/usr/lib", StringComparison.Ordinal) || path.StartsWith("/usr/share/", StringComparison.Ordinal) || path.StartsWith("/boot/", StringComparison.Ordinal)) return;
        var (@class, reason) = FileRules.Of(path + "/");
        string? set = backups.SetOf(path);
        if (set is not null && @class == Unexplained) (@class, reason) = (Restore, "is in a backup");
        if (@class == Unexplained && ServiceOf(path) is not null) (@class, reason) = (Restore, "a service has files open there");
        items.Add(ServerConfigurationKind.Directory, path, @class, reason, null, ("Mode", Octal(mode)), ("Owner", owner), ("Group", group), ("BackupSet", set));
    }

    private void AddData(long files, long bytes, string time, string path)
    {
        var (@class, reason) = FileRules.Of(path.EndsWith("/*", StringComparison.Ordinal) ? path : path + "/");
        string? service = ServiceOf(path), set = backups.SetOf(path);
        if (@class == Unexplained && set is not null) (@class, reason) = (Restore, "is in a backup");
        if (@class == Unexplained && service is not null) (@class, reason) = (Restore, "a service has files open there");
        _files += files;
        _bytes += bytes;
        if (@class != Unexplained) (_explainedFiles, _explainedBytes) = (_explainedFiles + files, _explainedBytes + bytes);
        items.Add(ServerConfigurationKind.Data, path, @class, reason, bytes, ("Files", files.ToString(CultureInfo.InvariantCulture)), ("Modified", Moment(time)), ("Service", service), ("BackupSet", set));
    }

    /// <summary>The unit that has files open in a folder or below it.</summary>
    private string? ServiceOf(string path) => _services.FirstOrDefault(entry => entry.Key == path || entry.Key.StartsWith(path + "/", StringComparison.Ordinal)).Value;

    private void Count(long size, ServerConfigurationClass @class)
    {
        _files++;
        _bytes += size;
        if (@class != Unexplained) (_explainedFiles, _explainedBytes) = (_explainedFiles + 1, _explainedBytes + size);
    }

    private void Count(long? files, long? bytes)
    {
        (_files, _bytes) = (_files + (files ?? 0), _bytes + (bytes ?? 0));
        (_explainedFiles, _explainedBytes) = (_explainedFiles + (files ?? 0), _explainedBytes + (bytes ?? 0));
    }

    private static Dictionary<string, string> Sums(List<string> lines)
    {
        var sums = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in lines)
        {
            // sha256sum marks a name with a backslash by a backslash before the line, and doubles it; one with a line feed is never asked for.
            bool escaped = line.StartsWith('\\');
            string rest = escaped ? line[1..] : line;
            if (rest.Length < 67 || rest.AsSpan(0, 64).ContainsAnyExcept("0123456789abcdef")) continue;
            sums.TryAdd(escaped ? rest[66..].Replace("\\\\", "\\", StringComparison.Ordinal) : rest[66..], rest[..64]);
        }

        return sums;
    }

    private static string? Octal(string mode) => mode.Length is > 0 and <= 4 && !mode.AsSpan().ContainsAnyExceptInRange('0', '7') ? mode.PadLeft(4, '0') : null;

    private static string? Moment(string seconds) => Number(seconds) is { } number and < 253402300800 ? DateTimeOffset.FromUnixTimeSeconds(number).ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) : null;

    // Counts and sizes beyond any disk's are no answer, and their sum must fit.
    private static long? Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number < 1L << 50 ? number : null;

    private static string Complaint(string line) => line.Length <= 300 ? line : line[..300];
}
