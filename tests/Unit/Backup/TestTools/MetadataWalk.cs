using System.Text;
using ProdOps.Backup.Tests.FileSystem;

namespace ProdOps.Backup.Tests.TestTools;

/// <summary>
/// Everything that a restored tree must have in common with its source, told by the system's own tools and not by the
/// code under test: type, mode, owner, times, link targets, devices, content, attributes, and which names are one file.
/// </summary>
internal static class MetadataWalk
{
    // Names may hold any byte but NUL, so NUL ends every field; Latin-1 keeps each byte as one character.
    private const string Facts = """
        cd "$FOLDER"
        find . -printf '%p\0%y %#m %U:%G %T@ \0%l\0%i\0'
        """;

    private const string Contents = """cd "$FOLDER"; find . -type f -print0 | xargs -0 -r sha256sum -z --""";

    private const string Devices = """cd "$FOLDER"; find . \( -type b -o -type c \) -exec stat --printf '%n\0%t:%T\0' -- {} +""";

    private const string Attributes = """cd "$FOLDER"; getfattr -R -P -h -d -m - -e hex -- .""";

    /// <summary>The tree's items by their names (with <c>.</c> for the folder itself).</summary>
    public static SortedDictionary<string, string> Of(string folder)
    {
        var items = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var names = new Dictionary<string, List<string>>();
        string[] fields = Fields(Facts, folder);
        for (int i = 0; i + 3 < fields.Length; i += 4)
        {
            items.Add(fields[i], $"{fields[i + 1]} -> {fields[i + 2]}");
            if (!names.TryGetValue(fields[i + 3], out var same)) names.Add(fields[i + 3], same = []);
            same.Add(fields[i]);
        }

        foreach (var same in names.Values.Where(same => same.Count > 1))
        {
            string all = string.Join(", ", same.Order(StringComparer.Ordinal));
            foreach (string name in same) items[name] += $"; one file: {all}";
        }

        foreach (string line in Fields(Contents, folder)) items[line[66..]] += $"; content {line[..64]}";
        string[] devices = Fields(Devices, folder);
        for (int i = 0; i + 1 < devices.Length; i += 2) items[devices[i]] += $"; device {devices[i + 1]}";
        foreach (string record in Run(Attributes, folder).Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            // getfattr escapes names its own way, alike for both trees: they are items of their own.
            string[] lines = record.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            items.Add(lines[0], string.Join("; ", lines[1..].Order(StringComparer.Ordinal)));
        }

        return items;
    }

    public static void AssertEqual(SortedDictionary<string, string> expected, SortedDictionary<string, string> actual)
    {
        var differences = expected.Keys.Union(actual.Keys)
            .Where(name => expected.GetValueOrDefault(name) != actual.GetValueOrDefault(name))
            .Select(name => $"{name}\n  expected {expected.GetValueOrDefault(name) ?? "nothing"}\n  actual   {actual.GetValueOrDefault(name) ?? "nothing"}")
            .ToList();
        Assert.True(differences.Count == 0, $"{differences.Count} differences:\n{string.Join('\n', differences.Take(20))}");
    }

    private static string[] Fields(string script, string folder)
    {
        string text = Run(script, folder);
        return text.Length == 0 ? [] : text[..^1].Split('\0');
    }

    private static string Run(string script, string folder) =>
        Encoding.Latin1.GetString(Shell.Run("/", "export LC_ALL=C; " + script, ("FOLDER", folder)));
}
