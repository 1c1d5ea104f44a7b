using System.Globalization;
using System.Xml.Linq;

namespace ProdOps.Cmdlets.Tests.Logging;

/// <summary>What the views of stores show of real objects, column by column.</summary>
[Collection("Log stores")]
public sealed class LogStoreViewTests(StoreEngine stores)
{
    [Theory]
    [InlineData("LogStoreSource", "Get-LogStore -Source shop", "Holds", "1")]
    [InlineData("LogHold", "Get-LogStore -Source shop | ForEach-Object Holds", "Reason", "case \u241B[2J 42")]
    [InlineData("LogStoreRepair", "Repair-LogStore -All -Source audit", "State", "Good")]
    [InlineData("LogRemoval", "Remove-Log -Source audit -OlderThan 90d -WhatIf", "Reason", "older than 90 days")]
    [InlineData("LogExport", "Export-Log -Source audit -Path out.log", "Entries", "20")]
    public void Every_column_is_filled_and_the_table_fits_a_hundred_columns(string type, string script, string column, string expected)
    {
        stores.NewStore();
        stores.Engine.Run("$null = Protect-Log \"case $([char]27)[2J 42\" -Source shop -After 2020-01-01 -Before 2030-01-01");
        var item = Assert.Single(stores.Engine.Run(script));
        Assert.Contains($"ProdOps.{type}", item.TypeNames);
        using var set = stores.Engine.Shell("$item = $args[0]").AddArgument(item);
        set.Invoke();
        var views = XDocument.Load(Path.Combine(Path.GetDirectoryName(Built.Manifest)!, "ProdOps.Format.ps1xml")).Descendants("View").Where(view => view.Descendants("TypeName").Any(name => name.Value == $"ProdOps.{type}")).ToList();
        var table = Assert.Single(views, view => view.Element("TableControl") is not null);
        var list = Assert.Single(views, view => view.Element("ListControl") is not null);

        var headers = table.Descendants("TableColumnHeader").ToList();
        var cells = table.Descendants("TableColumnItem").Select(cell => Show(cell)).ToList();
        Assert.Equal(headers.Count, cells.Count);
        Assert.All(cells, cell => Assert.DoesNotContain('\u001b', cell.Replace("\u001b[32m", "", StringComparison.Ordinal).Replace("\u001b[0m", "", StringComparison.Ordinal)));
        Assert.InRange(headers.Sum(header => int.Parse(header.Element("Width")?.Value ?? "20", CultureInfo.InvariantCulture) + 1) - 1, 1, 100);
        string shown = cells[headers.FindIndex(header => header.Element("Label")!.Value == column)];
        Assert.Contains(expected, shown, StringComparison.Ordinal);
        foreach (var (header, cell) in headers.Zip(cells).Where(pair => pair.First.Element("Width") is not null && !pair.Second.Contains('\u001b')))
            Assert.True(cell.Length <= int.Parse(header.Element("Width")!.Value, CultureInfo.InvariantCulture), $"{header.Value}: '{cell}'");
        Assert.All(list.Descendants("ListItem"), entry => Show(entry));
    }

    private string Show(XElement cell) => cell.Element("ScriptBlock") is { } script
        ? string.Concat(stores.Engine.Run($"$item | ForEach-Object {{ {script.Value} }}"))
        : $"{stores.Engine.Run($"$item.{cell.Element("PropertyName")!.Value}").Single()}";
}
