using System.Reflection;
using System.Runtime.Loader;

namespace ProdOps.Cmdlets.Tests;

public sealed class ModuleLoadingTests
{
    private const string EngineVersion = "[System.Reflection.Assembly]::Load('ProdOps.Backup').GetName().Name";

    [Fact]
    public void The_module_can_be_imported_twice_by_force_and_again_after_removal()
    {
        using var engine = new Engine();
        foreach (string script in new[] { $"Import-Module '{Built.Manifest}'", $"Import-Module '{Built.Manifest}' -Force", $"Remove-Module ProdOps; Import-Module '{Built.Manifest}'" })
        {
            engine.Run(script);
            Assert.Equal(Commands(engine), Commands(engine));
            Assert.Equal("ProdOps.Backup", engine.Run(EngineVersion).Single().BaseObject);
        }

        static string[] Commands(Engine engine) => [.. engine.Run("(Get-Module ProdOps).ExportedCmdlets.Keys").Select(name => name.ToString()).Order()];
    }

    [Fact]
    public void A_second_runspace_and_eight_at_once_find_the_engine()
    {
        using var first = new Engine();
        using var second = new Engine();
        Assert.Equal("ProdOps.Backup", second.Run(EngineVersion).Single().BaseObject);

        var names = new string[8];
        var threads = Enumerable.Range(0, names.Length).Select(i => new Thread(() =>
        {
            using var engine = new Engine();
            names[i] = (string)engine.Run(EngineVersion).Single().BaseObject;
        })).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        Assert.All(names, name => Assert.Equal("ProdOps.Backup", name));
    }

    [Fact]
    public void Public_types_resolve_in_scripts_before_any_cmdlet_has_run()
    {
        using var engine = new Engine();
        var snapshot = engine.Run("[ProdOps.BackupSnapshot]@{ Id = 'abcdef0123456789' }").Single();
        Assert.Equal("ProdOps.BackupSnapshot", snapshot.BaseObject.GetType().FullName);
        Assert.Equal("abcdef01", snapshot.Properties["ShortId"].Value);
        Assert.Equal("abcdef0123456789", snapshot.Properties["SnapshotId"].Value);
    }

    [Fact]
    public void Only_the_cmdlets_and_the_model_enter_PowerShells_context()
    {
        using var engine = new Engine();
        engine.Run(EngineVersion);
        string[] shipped = [.. Directory.GetFiles(Built.Library, "*.dll").Select(path => Path.GetFileNameWithoutExtension(path))];
        Assert.Contains("ZstdSharp", shipped);
        Assert.DoesNotContain("ProdOps.Model", shipped);
        Assert.DoesNotContain("ProdOps.Cmdlets", shipped);
        Assert.DoesNotContain("System.Management.Automation", shipped);
        Assert.Empty(AssemblyLoadContext.Default.Assemblies.Select(assembly => assembly.GetName().Name).Intersect(shipped));
        var context = Context();
        Assert.Contains(context.Assemblies, assembly => assembly.GetName().Name == "ProdOps.Backup");
        Assert.DoesNotContain(context.Assemblies, assembly => assembly.GetName().Name == "ProdOps.Model");
    }

    [Fact]
    public void A_package_of_the_engine_is_not_handed_to_others()
    {
        using var engine = new Engine();
        using var shell = engine.Shell("[System.Reflection.Assembly]::Load('ZstdSharp')");
        Assert.Empty(shell.Invoke());
        Assert.IsType<FileNotFoundException>(shell.Streams.Error.Single().Exception.InnerException);
    }

    [Fact]
    public void Native_libraries_load_from_the_library_folder()
    {
        using var engine = new Engine();
        engine.Run(EngineVersion);
        var library = Context().LoadFromAssemblyName(new("ProdOps.Servers")).GetType("ProdOps.Servers.Compression.ZstdLibrary", throwOnError: true)!;
        object best = library.GetProperty("Best", BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!;
        // The managed translation would be the best there is only where the native library does not load.
        Assert.Equal("NativeZstd", best.GetType().Name);
    }

    private static AssemblyLoadContext Context() => AssemblyLoadContext.All.Single(context => context.Name == "ProdOps");
}
