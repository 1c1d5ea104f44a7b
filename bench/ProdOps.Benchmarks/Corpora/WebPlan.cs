using System.Text;

namespace ProdOps.Benchmarks.Corpora;

internal enum WebFileKind
{
    Source,
    Document,
    Picture,
    Library,
    Log,
}

internal sealed record WebFile(string Path, WebFileKind Kind, ulong ContentSeed, int Size);

/// <summary>Every name and size of the `web` corpus, decided before the first byte is written so that writing can be parallel.</summary>
internal sealed record WebPlan(
    IReadOnlyList<string> Folders,
    IReadOnlyList<WebFile> Files,
    IReadOnlyList<(string Path, string Target)> HardLinks,
    IReadOnlyList<(string Path, string Target)> SymbolicLinks)
{
    private const int FullCount = 70_000;
    private const double BytesPerFile = 2.0 * (1L << 30) / FullCount;

    // Share of the files in hundredths of a percent, size in bytes, and the names' endings.
    private static readonly (WebFileKind Kind, int Share, double Median, double Sigma, string[] Endings)[] Kinds =
    [
        (WebFileKind.Source, 7_870, 4_200, 1.3, ["js", "php", "py", "h", "css", "html", "json", "xml", "ts", "conf"]),
        (WebFileKind.Document, 1_410, 14_000, 1.4, ["html", "md", "po", "svg", "txt"]),
        (WebFileKind.Picture, 480, 21_000, 1.3, ["png", "jpg", "webp", "woff2", "gz"]),
        (WebFileKind.Library, 120, 160_000, 1.0, ["so", "wasm", "pyc", "mo"]),
        (WebFileKind.Log, 120, 750_000, 0.9, ["log", "csv"]),
    ];

    public static WebPlan Make(ulong seed, double scale)
    {
        var random = new SeededRandom(seed);
        int count = Math.Max(20, (int)(FullCount * scale));
        var words = new Vocabulary(seed, 4_000);
        var folders = MakeFolders(words, ref random, Math.Max(5, count / 12));
        var files = FitTotal(MakeFiles(words, ref random, folders, count), (long)(BytesPerFile * count));
        var hardLinks = new List<(string, string)>();
        var symbolicLinks = new List<(string, string)>();
        for (int i = 0; i < count / 120; i++)
            hardLinks.Add(($"{folders[random.Below(folders.Count)]}/second-name-{i}", files[random.Below(files.Count)].Path));
        for (int i = 0; i < count / 30; i++)
            symbolicLinks.Add(($"{folders[random.Below(folders.Count)]}/link-{i}", Target(files, words, ref random)));
        return new WebPlan(folders, files, hardLinks, symbolicLinks);
    }

    /// <summary>A folder is mostly made inside one made lately, which gives depth.</summary>
    private static List<string> MakeFolders(Vocabulary words, ref SeededRandom random, int count)
    {
        var folders = new List<string>(count);
        for (int i = 0; i < count; i++)
        {
            string name = $"{Word(words, ref random)}{i}";
            if (random.Chance(3))
                name = $"{name} é ü 文";
            int parent = random.Chance(60) ? i - 1 - random.Below(40) : random.Below(Math.Max(1, i));
            bool isTop = i < 4 || parent < 0 || folders[parent].Count(character => character == '/') > 14;
            folders.Add(isTop ? name : $"{folders[parent]}/{name}");
        }
        return folders;
    }

    private static List<WebFile> MakeFiles(Vocabulary words, ref SeededRandom random, List<string> folders, int count)
    {
        var files = new List<WebFile>(count);
        for (int i = 0; i < count; i++)
        {
            int draw = random.Below(Kinds.Sum(kind => kind.Share));
            var (kind, _, median, sigma, endings) = Kinds.First(candidate => (draw -= candidate.Share) < 0);
            double size = random.Chance(1) ? 0 : Math.Min(24 << 20, random.LogNormal(median, sigma));
            string path = $"{folders[random.Below(folders.Count)]}/{Word(words, ref random)}-{i}.{endings[random.Below(endings.Length)]}";
            var file = new WebFile(path, kind, random.Next(), (int)size);
            // Three in a hundred are copies of earlier ones, as vendored libraries are.
            if (i > 100 && random.Chance(3))
                file = files[random.Below(files.Count)] with { Path = path };
            files.Add(file);
        }
        return files;
    }

    private static List<WebFile> FitTotal(List<WebFile> files, long total)
    {
        double factor = total / files.Sum(file => (double)file.Size);
        return [.. files.Select(file => file with { Size = (int)(file.Size * factor) })];
    }

    private static string Target(List<WebFile> files, Vocabulary words, ref SeededRandom random) => random.Below(3) switch
    {
        0 => "../" + files[random.Below(files.Count)].Path,
        1 => "/usr/share/" + Word(words, ref random),
        _ => Word(words, ref random),
    };

    private static string Word(Vocabulary words, ref SeededRandom random) => Encoding.ASCII.GetString(words.Any(ref random));
}
