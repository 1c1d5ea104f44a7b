using System.Text.Json;
using System.Xml.Linq;

namespace ProdOps.NoticeCompiler;

/// <summary>A package that is shipped, with what its author says of its licence.</summary>
internal sealed record ShippedPackage
{
    public required string Name { get; init; }

    public required string Version { get; init; }

    public string? Address { get; init; }

    public string? Copyright { get; init; }

    /// <summary>The SPDX expression, where the package has one.</summary>
    public string? Expression { get; init; }

    /// <summary>Texts of licences that the package brings along.</summary>
    public required IReadOnlyList<string> Licences { get; init; }

    /// <summary>Notices of what the package itself was made from.</summary>
    public required IReadOnlyList<string> Notices { get; init; }

    /// <summary>The packages of a dependency file (deps.json), by name.</summary>
    /// <exception cref="InvalidDataException">A package is not in the folder, or has no description.</exception>
    public static IReadOnlyList<ShippedPackage> ReadAll(string dependencyFile, string packageFolder)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(dependencyFile));
        return
        [
            .. document.RootElement.GetProperty("libraries").EnumerateObject()
                .Where(library => library.Value.GetProperty("type").GetString() == "package")
                .Select(library => Read(library.Name, Path.Combine(packageFolder, library.Value.GetProperty("path").GetString()!)))
                .OrderBy(package => package.Name, StringComparer.OrdinalIgnoreCase)
        ];
    }

    // The nuspec's schema: https://learn.microsoft.com/nuget/reference/nuspec
    private static ShippedPackage Read(string library, string folder)
    {
        string? description = Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.nuspec").FirstOrDefault() : null;
        if (description is null) throw new InvalidDataException($"{library} has no description in {folder}. Restore the packages first.");
        var metadata = XDocument.Load(description).Root!.Elements().First(element => element.Name.LocalName == "metadata");
        string? Text(string name) => metadata.Elements().FirstOrDefault(element => element.Name.LocalName == name)?.Value.Trim() is { Length: > 0 } value ? value : null;
        var licence = metadata.Elements().FirstOrDefault(element => element.Name.LocalName == "license");
        return new()
        {
            Name = library[..library.IndexOf('/', StringComparison.Ordinal)],
            Version = library[(library.IndexOf('/', StringComparison.Ordinal) + 1)..],
            Address = Text("projectUrl"),
            Copyright = Text("copyright"),
            Expression = licence?.Attribute("type")?.Value == "expression" ? licence.Value.Trim() : null,
            Licences = Texts(folder, "LICENSE*", "LICENCE*", "COPYING*"),
            Notices = Texts(folder, "THIRD-PARTY-NOTICES*", "THIRDPARTYNOTICES*", "NOTICE*")
        };
    }

    // Natives have theirs in a folder below.
    private static IReadOnlyList<string> Texts(string folder, params string[] patterns)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, MatchCasing = MatchCasing.CaseInsensitive };
        return
        [
            .. patterns.SelectMany(pattern => Directory.EnumerateFiles(folder, pattern, options))
                .Where(path => Path.GetExtension(path).ToUpperInvariant() is "" or ".TXT" or ".MD")
                .Order(StringComparer.Ordinal)
                .Select(path => File.ReadAllText(path).ReplaceLineEndings("\n").Trim())
                .Distinct()
        ];
    }
}
