using ProdOps.NoticeCompiler;

namespace ProdOps.Help.Tests;

/// <summary>The licences of packages, from folders as NuGet leaves them.</summary>
public sealed class NoticeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-notices-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_package_that_brings_its_licence_is_named_over_that_text()
    {
        Package("Own", """<license type="expression">BSD-3-Clause</license><projectUrl>https://example.org/own</projectUrl>""", ("runtimes/LICENSE", "Words of its own.\r\n"));
        string text = Text("Own");
        Assert.Contains("Own 1.2.3 (BSD-3-Clause)  https://example.org/own\n\nWords of its own.\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_package_that_only_says_its_licence_has_the_standard_text_under_its_copyright()
    {
        Package("Said", """<license type="expression">MIT</license><copyright>(c) Somebody</copyright>""");
        string text = Text("Said");
        Assert.Contains("(c) Somebody\n\nPermission is hereby granted", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Packages_that_say_the_same_stand_under_one_text()
    {
        Package("One", """<license type="expression">Apache-2.0</license>""");
        Package("Two", """<license type="expression">Apache-2.0</license>""");
        string text = Text("One", "Two");
        Assert.Contains("One 1.2.3 (Apache-2.0)\nTwo 1.2.3 (Apache-2.0)\n", text, StringComparison.Ordinal);
        Assert.Single(text.Split("TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION")[1..]);
    }

    [Fact]
    public void Notices_of_packages_are_handed_on_once()
    {
        foreach (string name in new[] { "One", "Two" }) Package(name, """<license type="expression">MIT</license>""", ("THIRD-PARTY-NOTICES.TXT", "Parts of somebody else."));
        string text = Text("One", "Two");
        Assert.Contains("Notices that come with One, Two:\n\nParts of somebody else.\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("""<license type="expression">GPL-3.0-only</license>""")]
    [InlineData("""<licenseUrl>https://example.org/terms</licenseUrl>""")]
    public void A_package_of_whose_licence_nothing_is_known_is_not_shipped_in_silence(string metadata)
    {
        Package("Odd", metadata);
        var error = Assert.Throws<InvalidDataException>(() => Text("Odd"));
        Assert.Contains("Odd 1.2.3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_package_that_is_not_there_is_named()
    {
        var error = Assert.Throws<InvalidDataException>(() => Text("Absent"));
        Assert.Contains("Absent/1.2.3", error.Message, StringComparison.Ordinal);
    }

    private void Package(string name, string metadata, params (string Path, string Text)[] files)
    {
        string folder = Path.Combine(_folder, name.ToUpperInvariant());
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, name + ".nuspec"),
            $"""<package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd"><metadata><id>{name}</id><version>1.2.3</version>{metadata}</metadata></package>""");
        foreach (var (path, text) in files)
        {
            string target = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllText(target, text);
        }
    }

    private string Text(params string[] names)
    {
        string libraries = string.Join(',', names.Select(name => $"\"{name}/1.2.3\":{{\"type\":\"package\",\"path\":\"{name.ToUpperInvariant()}\"}}"));
        string file = Path.Combine(_folder, "x.deps.json");
        File.WriteAllText(file, $$$"""{"libraries":{"Ours/1.0.0":{"type":"project"},{{{libraries}}}}}""");
        return NoticeText.Write(ShippedPackage.ReadAll(file, _folder)).ReplaceLineEndings("\n");
    }
}
