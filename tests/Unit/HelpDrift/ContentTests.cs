using System.Text.Json;

namespace ProdOps.HelpDrift.Tests;

/// <summary>What lies in the built module beside its assemblies.</summary>
public sealed class ContentTests : IClassFixture<BuiltModule>
{
    private readonly string _folder;

    public ContentTests(BuiltModule module) => _folder = module.Folder;

    [Fact]
    public void The_licence_of_each_package_is_told()
    {
        string notices = File.ReadAllText(Path.Combine(_folder, "THIRD-PARTY-NOTICES.txt"));
        using var dependencies = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(_folder, "lib", "ProdOps.Lib.deps.json")));
        string[] packages = [.. dependencies.RootElement.GetProperty("libraries").EnumerateObject()
            .Where(library => library.Value.GetProperty("type").GetString() == "package").Select(library => library.Name.Replace('/', ' '))];
        Assert.NotEmpty(packages);
        Assert.All(packages, package => Assert.Contains(package, notices, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("linux-x64", "so")]
    [InlineData("linux-arm64", "so")]
    [InlineData("win-x64", "dll")]
    [InlineData("win-arm64", "dll")]
    [InlineData("osx-x64", "dylib")]
    [InlineData("osx-arm64", "dylib")]
    public void Each_system_has_its_native_libraries(string system, string extension)
    {
        string folder = Path.Combine(_folder, "lib", "runtimes", system, "native");
        string[] found = [.. Directory.GetFiles(folder).Select(path => Path.GetFileName(path)!)];
        Assert.Contains(found, name => name.EndsWith($"e_sqlite3.{extension}", StringComparison.Ordinal));
        Assert.Contains(found, name => name.EndsWith($"zstd.{extension}", StringComparison.Ordinal));
    }
}
