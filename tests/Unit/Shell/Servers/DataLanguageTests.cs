using System.Collections;
using System.Globalization;
using System.Management.Automation.Language;
using System.Reflection;
using System.Runtime.Loader;

namespace ProdOps.Cmdlets.Tests.Servers;

/// <summary>
/// The reader of environment files beside PowerShell's own: both give the same values or refuse the document. Ours may refuse what is constant and
/// yet an expression (casts, subexpressions, operators); it never takes what the engine refuses.
/// </summary>
public sealed class DataLanguageTests
{
    private static readonly Func<string, object?> Ours = BindReader();

    [Fact]
    public void Documents_of_the_data_language_have_the_same_values() => Compare(3000, documents => documents.Valid(), mustRead: true);

    [Fact]
    public void Damaged_documents_are_refused_by_both_or_have_the_same_values() => Compare(8000, documents => documents.Damaged());

    [Fact]
    public void Numbers_have_the_same_value_and_type() => Compare(5000, documents => documents.Number());

    [Fact]
    public void What_would_have_to_be_run_is_never_read()
    {
        for (int seed = 0; seed < 500; seed++)
        {
            string text = new DataDocuments(seed).Executable();
            Assert.True(Ours(text) is null, text);
        }
    }

    private static void Compare(int count, Func<DataDocuments, string> make, bool mustRead = false)
    {
        int read = 0;
        for (int seed = 0; seed < count; seed++)
        {
            string text = make(new DataDocuments(seed));
            object? ours = Ours(text);
            object? engine = Engine(text, out bool expression);
            if (ours is null && (engine is null || expression) && !mustRead) continue;
            if (ours is not null) read++;
            Assert.True(Describe(engine) == Describe(ours), $"Seed {seed}: {text}\nengine: {Describe(engine)}\nours:   {Describe(ours)}");
        }

        Assert.True(read > count / 20, $"Only {read} of {count} documents were read.");
    }

    /// <summary>What Import-PowerShellDataFile gives for a document that is one hashtable, or <see langword="null"/>.</summary>
    private static object? Engine(string text, out bool expression)
    {
        expression = false;
        var ast = Parser.ParseInput(text, out _, out var errors);
        if (errors.Length > 0 || ast.ParamBlock is not null || ast.BeginBlock is not null || ast.ProcessBlock is not null) return null;
        if (ast.EndBlock is not { Statements: [PipelineAst { PipelineElements: [CommandExpressionAst { Expression: HashtableAst table, Redirections.Count: 0 }], Background: false }] }) return null;
        expression = table.Find(node => node is UnaryExpressionAst or ConvertExpressionAst or SubExpressionAst or IndexExpressionAst or ScriptBlockExpressionAst or TypeExpressionAst
            or ExpandableStringExpressionAst or TernaryExpressionAst or BinaryExpressionAst or PipelineAst { Background: true } || node is VariableExpressionAst { VariablePath.UserPath: var name } && !IsConstant(name), searchNestedScriptBlocks: true) is not null
            || table.KeyValuePairs.Any(pair => pair.Item1 is not ConstantExpressionAst);
        try
        {
            return table.SafeGetValue();
        }
        catch (Exception exception) when (exception is InvalidOperationException or System.Management.Automation.RuntimeException)
        {
            return null;
        }
    }

    private static bool IsConstant(string name) => name.ToLowerInvariant() is "true" or "false" or "null";

    private static string Describe(object? value) => value switch
    {
        null => "null",
        string text => $"'{text}'",
        IDictionary table => "{" + string.Join(";", table.Keys.Cast<object>().Select(key => $"{Convert.ToString(key, CultureInfo.InvariantCulture)}={Describe(table[key])}").Order(StringComparer.Ordinal)) + "}",
        IEnumerable list => "[" + string.Join(",", list.Cast<object?>().Select(Describe)) + "]",
        IFormattable number => $"{number.GetType().Name}:{number.ToString(null, CultureInfo.InvariantCulture)}",
        _ => value.ToString() ?? "",
    };

    /// <summary>The reader as it ships, called by reflection: these tests reference nothing of ProdOps.</summary>
    private static Func<string, object?> BindReader()
    {
        var context = new AssemblyLoadContext("DataLanguage");
        context.Resolving += (resolving, name) =>
            new[] { Built.Library, Built.Module }.Select(folder => Path.Combine(folder, name.Name + ".dll")).FirstOrDefault(File.Exists) is { } path ? resolving.LoadFromAssemblyPath(path) : null;
        var servers = context.LoadFromAssemblyPath(Path.Combine(Built.Library, "ProdOps.Servers.dll"));
        var parse = servers.GetType("ProdOps.Servers.Inventory.Data.DataParser", throwOnError: true)!.GetMethod("Parse")!;
        var problems = typeof(List<>).MakeGenericType(servers.GetType("ProdOps.Servers.Inventory.EnvironmentProblem", throwOnError: true)!);
        var toPlain = servers.GetType("ProdOps.Servers.Inventory.Data.DataNode", throwOnError: true)!.GetMethod("ToPlain")!;
        return text =>
        {
            var found = (ICollection)Activator.CreateInstance(problems)!;
            object? table = parse.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [text, "test.psd1", found], null);
            return table is null || found.Count > 0 ? null : toPlain.Invoke(table, null);
        };
    }
}
