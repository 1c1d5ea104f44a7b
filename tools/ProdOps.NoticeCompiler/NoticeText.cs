using System.Text;

namespace ProdOps.NoticeCompiler;

/// <summary>The file of notices: packages that say the same stand under one text.</summary>
internal static class NoticeText
{
    private const string Rule = "--------------------------------------------------------------------------------";

    /// <exception cref="InvalidDataException">A package says of no licence that is known here, and brings no text of one.</exception>
    public static string Write(IReadOnlyList<ShippedPackage> packages)
    {
        var text = new StringBuilder();
        text.Append("ProdOps is under the MIT licence (LICENSE). It ships the packages below, unchanged, each under its own licence.\n");
        foreach (var group in packages.GroupBy(LicenceOf).OrderBy(group => group.First().Name, StringComparer.OrdinalIgnoreCase))
        {
            text.Append('\n').Append(Rule).Append("\n\n");
            foreach (var package in group) text.Append(Title(package)).Append('\n');
            text.Append('\n').Append(group.Key).Append('\n');
        }

        foreach (var group in packages.SelectMany(package => package.Notices, (package, notice) => (Package: package, Notice: notice)).GroupBy(pair => pair.Notice, pair => pair.Package))
        {
            text.Append('\n').Append(Rule).Append("\n\n");
            text.Append("Notices that come with ").AppendJoin(", ", group.Select(package => package.Name)).Append(":\n\n").Append(group.Key).Append('\n');
        }

        return text.Replace("\n", Environment.NewLine).ToString();
    }

    private static string Title(ShippedPackage package)
    {
        string title = $"{package.Name} {package.Version}";
        if (package.Expression is { } expression) title += $" ({expression})";
        if (package.Address is { } address) title += $"  {address}";
        return title;
    }

    private static string LicenceOf(ShippedPackage package)
    {
        if (package.Licences.Count > 0) return string.Join("\n\n", package.Licences);
        string standard = package.Expression is { } expression && StandardText(expression) is { } text
            ? text
            : throw new InvalidDataException($"{package.Name} {package.Version} brings no licence, and says '{package.Expression}' of it. Read its terms; if it may be shipped, its text belongs into the folder licences of this tool.");
        return package.Copyright is { } copyright ? $"{copyright}\n\n{standard}" : standard;
    }

    private static string? StandardText(string expression)
    {
        using var stream = typeof(NoticeText).Assembly.GetManifestResourceStream($"{expression}.txt");
        if (stream is null) return null;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n").Trim('\n');
    }
}
