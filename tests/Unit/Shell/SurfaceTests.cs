using System.Collections;
using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace ProdOps.Cmdlets.Tests;

/// <summary>What script analyzers check in scripts and cannot see in a compiled module.</summary>
public sealed class SurfaceTests : IDisposable
{
    private static readonly string[] Changing =
    [
        "Add", "Remove", "New", "Set", "Start", "Stop", "Restart", "Reset", "Update", "Restore", "Invoke", "Suspend", "Resume", "Enable", "Disable",
        "Initialize", "Unlock", "Lock", "Copy", "Move", "Clear", "Publish", "Unpublish", "Register", "Unregister", "Repair", "Undo", "Sync", "Install", "Uninstall",
    ];

    private readonly Engine _engine = new();

    public void Dispose() => _engine.Dispose();

    [Fact]
    public void Every_exported_cmdlet_is_in_the_assembly_and_the_other_way_round() =>
        Assert.Equal(Cmdlets().Select(cmdlet => cmdlet.Name).Order(), Manifest("CmdletsToExport").Order());

    /// <summary>PowerShell finds no indexer on the lists that the compiler makes for collection expressions.</summary>
    [Fact]
    public void Every_list_of_an_emitted_object_can_be_indexed()
    {
        var model = (Assembly)_engine.Run("[ProdOps.BackupSnapshot].Assembly").Single().BaseObject;
        var lists = model.GetExportedTypes().Where(type => type is { IsClass: true, IsAbstract: false }).SelectMany(type => type.GetProperties())
            .Where(property => property is { CanWrite: true, PropertyType: { IsGenericType: true } type } && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)).ToList();
        Assert.True(lists.Count > 40, $"only {lists.Count} lists");
        Assert.All(lists, property =>
        {
            var element = property.PropertyType.GetGenericArguments()[0];
            object owner = RuntimeHelpers.GetUninitializedObject(property.DeclaringType!);
            property.SetValue(owner, Activator.CreateInstance(typeof(ReadOnlyCollection<>).MakeGenericType(element), Array.CreateInstance(element, 2)));
            Assert.True(property.GetValue(owner)!.GetType().IsArray, $"{property.DeclaringType!.Name}.{property.Name}");
        });
    }

    [Fact]
    public void The_manifest_exports_nothing_by_wildcard()
    {
        foreach (string key in new[] { "CmdletsToExport", "FunctionsToExport", "AliasesToExport", "VariablesToExport" })
            Assert.DoesNotContain(Manifest(key), name => name.Contains('*'));
    }

    [Fact]
    public void Verbs_are_approved_and_nouns_singular()
    {
        var verbs = typeof(VerbsCommon).Assembly.GetTypes()
            .Where(type => type is { IsPublic: true, IsAbstract: true } && type.Name.StartsWith("Verbs", StringComparison.Ordinal))
            .SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static)).Select(field => (string)field.GetValue(null)!).ToHashSet();
        Assert.All(Cmdlets(), cmdlet =>
        {
            Assert.Contains(cmdlet.Verb, verbs);
            Assert.False(cmdlet.Noun.EndsWith('s') && !cmdlet.Noun.EndsWith("ss", StringComparison.Ordinal) && !cmdlet.Noun.EndsWith("Status", StringComparison.Ordinal), $"{cmdlet.Name}: the noun is plural.");
        });
    }

    [Fact]
    public void Every_cmdlet_is_sealed_and_declares_what_it_emits() => Assert.All(Cmdlets(), cmdlet =>
    {
        Assert.True(cmdlet.Type.IsSealed, $"{cmdlet.Name} is not sealed.");
        Assert.True(cmdlet.Type.GetCustomAttributes<OutputTypeAttribute>().Any(), $"{cmdlet.Name} has no OutputType.");
    });

    [Fact]
    public void Every_cmdlet_that_changes_something_asks() => Assert.All(Cmdlets().Where(cmdlet => Changing.Contains(cmdlet.Verb)), cmdlet =>
        Assert.True(cmdlet.Attribute.SupportsShouldProcess, $"{cmdlet.Name} lacks ShouldProcess."));

    [Fact]
    public void Every_parameter_has_a_help_message() => Assert.All(Cmdlets().SelectMany(cmdlet => cmdlet.Parameters), parameter =>
        Assert.All(parameter.Property.GetCustomAttributes<ParameterAttribute>(), attribute =>
            Assert.False(string.IsNullOrWhiteSpace(attribute.HelpMessage), $"{parameter.Cmdlet} -{parameter.Property.Name} has no HelpMessage.")));

    /// <summary>PowerShell reads the exported types before the engine's folder is known: such a class would break the import.</summary>
    [Fact]
    public void No_public_class_derives_from_a_type_of_the_engine()
    {
        string[] library = [.. Directory.GetFiles(Built.Library, "*.dll").Select(path => Path.GetFileNameWithoutExtension(path))];
        Assert.All(CmdletAssembly().GetExportedTypes(), type =>
        {
            for (var ancestor = type.BaseType; ancestor is not null; ancestor = ancestor.BaseType) Assert.DoesNotContain(ancestor.Assembly.GetName().Name, library);
            Assert.All(type.GetInterfaces(), contract => Assert.DoesNotContain(contract.Assembly.GetName().Name, library));
        });
    }

    [Fact]
    public void The_public_surface_is_the_one_that_was_agreed_on()
    {
        string path = Path.Combine(Built.Root, "tests", "fixtures", "public-surface.txt");
        string[] actual = [.. PublicSurface.Describe(Cmdlets().Select(cmdlet => cmdlet.Type), ModelAssembly(), Path.Combine(Built.Root, "src"))];
        if (Environment.GetEnvironmentVariable("PRODOPS_ACCEPT_SURFACE") == "1") File.WriteAllText(path, string.Join('\n', actual) + "\n");
        string[] agreed = File.ReadAllText(path).ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var difference = agreed.Except(actual).Select(line => "- " + line).Concat(actual.Except(agreed).Select(line => "+ " + line)).ToArray();
        Assert.True(
            difference.Length == 0,
            "The public surface differs from tests/fixtures/public-surface.txt (- agreed, + built). If that is meant, run the test once with "
            + "PRODOPS_ACCEPT_SURFACE=1, review the file's diff and name the change in CHANGELOG.md.\n" + string.Join('\n', difference));
        Assert.Equal(agreed, actual);
    }

    private static Assembly CmdletAssembly() => Loaded("ProdOps.Cmdlets");

    private static Assembly ModelAssembly() => Loaded("ProdOps.Model");

    private static Assembly Loaded(string name) => AppDomain.CurrentDomain.GetAssemblies().Single(assembly => assembly.GetName().Name == name);

    private static List<Command> Cmdlets() => [.. CmdletAssembly().GetTypes().Where(type => type.GetCustomAttribute<CmdletAttribute>() is not null).Select(type => new Command(type))];

    private string[] Manifest(string key)
    {
        var table = (Hashtable)_engine.Run($"[scriptblock]::Create([System.IO.File]::ReadAllText('{Built.Manifest}')).InvokeReturnAsIs()").Single().BaseObject;
        return [.. ((object[])table[key]!).Cast<string>()];
    }

    private sealed record Command(Type Type)
    {
        public CmdletAttribute Attribute { get; } = Type.GetCustomAttribute<CmdletAttribute>()!;

        public string Verb => Attribute.VerbName;

        public string Noun => Attribute.NounName;

        public string Name => $"{Verb}-{Noun}";

        public IEnumerable<(string Cmdlet, PropertyInfo Property)> Parameters =>
            Type.GetProperties().Where(property => property.GetCustomAttributes<ParameterAttribute>().Any()).Select(property => (Name, property));
    }
}
