using System.Text;
using ProdOps.Servers.Inventory.Schema;
using ProdOps.Servers.Inventory.Sections;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Servers.Tests.Inventory;

/// <summary>The tables of keys in docs/environment.md are those of the schema. PRODOPS_UPDATE_HELP=1 writes them.</summary>
public sealed class EnvironmentDocumentTests
{
    private const string Begin = "<!-- The tables from here to the end of the chapter are written by a test from the schema. -->\n";
    private const string End = "<!-- End of the tables. -->\n";

    [Fact]
    public void Every_key_is_documented_as_it_is_read()
    {
        string path = Clone.PathOf("docs", "environment.md");
        string text = File.ReadAllText(path);
        int begin = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, end = text.IndexOf(End, StringComparison.Ordinal);
        string expected = text[..begin] + "\n" + Tables() + text[end..];
        if (Environment.GetEnvironmentVariable("PRODOPS_UPDATE_HELP") == "1") File.WriteAllText(path, expected);
        else Assert.Equal(expected, text);
    }

    private static string Tables()
    {
        var text = new StringBuilder();
        var seen = new HashSet<TableSchema>();
        Add(text, RootSection.Schema, seen);
        return text.ToString();
    }

    private static void Add(StringBuilder text, TableSchema schema, HashSet<TableSchema> seen)
    {
        if (!seen.Add(schema)) return;
        text.Append($"### {schema.Name}\n\n| Key | Takes | Without it | Meaning |\n| --- | --- | --- | --- |\n");
        foreach (var key in schema.Keys)
        {
            string without = key.IsRequired ? "an error" : key.Default.Length > 0 ? key.Default : "nothing";
            text.Append($"| `{key.Name}` | {key.Type} | {without} | {key.Description} |\n");
        }

        text.Append('\n');
        foreach (var key in schema.Keys) if (key.Schema is { } below) Add(text, below, seen);
    }
}
