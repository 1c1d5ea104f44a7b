namespace ProdOps.Cmdlets.Tests.Recovery;

/// <summary>Export-ProdOpsReport through the built module, by what a monitor has written down.</summary>
public sealed class ReportTests(Monitoring.HistoryFixture history) : IClassFixture<Monitoring.HistoryFixture>
{
    [Fact]
    public void What_is_known_of_the_environment_is_one_file_for_its_user_alone()
    {
        Assert.Equal("prodops-report.html", history.Texts("(Export-ProdOpsReport -Last 7d).Name").Single());
        string path = Path.Combine(history.Folder, "prodops-report.html");
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        string html = File.ReadAllText(path);
        Assert.Contains("<h1>shop</h1>", html, StringComparison.Ordinal);
        // The monitor is not at work: what it has seen says nothing about now.
        Assert.Contains("nobody knows how they are now", html, StringComparison.Ordinal);
        Assert.Contains("aria-label=\"disk.used /:", html, StringComparison.Ordinal);
        Assert.Contains("An incident begins", html, StringComparison.Ordinal);
        Assert.Contains("availability of each of 30 days", html, StringComparison.Ordinal);
        Assert.Contains("There is no recovery plan", html, StringComparison.Ordinal);
        // It is replaced by the next one, and by nothing else.
        history.Engine.Run("Export-ProdOpsReport");
        Assert.Single(Directory.GetFiles(history.Folder, "prodops-report*"));
    }

    [Fact]
    public void What_is_piped_in_is_shown_as_it_is_just_now()
    {
        history.Engine.Run("""
            $health = [ProdOps.ServerHealth]@{ Server = 'web1'; State = 'Warning'; Time = [DateTimeOffset]::UtcNow }
            $balancer = [ProdOps.LoadBalancer]@{ Name = 'web'; Server = 'lb7'; Problems = [string[]]'pool web: a3 is down' }
            $health, $balancer | Export-ProdOpsReport ./piped.html
            """);
        string html = File.ReadAllText(Path.Combine(history.Folder, "piped.html"));
        Assert.Contains("the servers were asked", html, StringComparison.Ordinal);
        Assert.Contains("pool web: a3 is down", html, StringComparison.Ordinal);
        Assert.DoesNotContain("nobody knows how they are now", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_somebody_else_s_is_not_replaced_and_a_preview_writes_nothing()
    {
        string path = Path.Combine(history.Folder, "letter.html");
        File.WriteAllText(path, "<p>Dear admin</p>");
        Assert.Equal("ReportExists,ProdOps.Cmdlets.Recovery.ExportProdOpsReport", history.ErrorOf("Export-ProdOpsReport ./letter.html"));
        Assert.Equal("<p>Dear admin</p>", File.ReadAllText(path));
        Assert.Empty(history.Texts("Export-ProdOpsReport ./preview.html -WhatIf"));
        Assert.False(File.Exists(Path.Combine(history.Folder, "preview.html")));
        history.Engine.Run("Export-ProdOpsReport ./letter.html -Force");
        Assert.Contains("<h1>shop</h1>", File.ReadAllText(path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Export-ProdOpsReport ./none/report.html", "ReportNotWritten")]
    [InlineData("'text' | Export-ProdOpsReport ./text.html", "ReportInputUnknown")]
    [InlineData("Export-ProdOpsReport -Environment ./none.psd1", "EnvironmentNotFound")]
    public void What_cannot_be_written_or_shown_is_an_error(string script, string error) => Assert.Equal($"{error},ProdOps.Cmdlets.Recovery.ExportProdOpsReport", history.ErrorOf(script));
}
