using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using ProdOps.Recovery.Plans;
using ProdOps.Recovery.Runbooks;
using ProdOps.Recovery.Tests.Execution;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Recovery.Tests.Runbooks;

/// <summary>What a runbook says is done by hand: its commands are carried out by sh, with restic and what stands for ssh alone.</summary>
public sealed partial class RunbookTests
{
    private const string Steps = """
        @{ Name = 'folder';  Directory = @{ Path = '{0}/new/srv/it''s here'; Mode = '0750' } }
        @{ Name = 'files';   File = @{ Path = '{0}/new/srv/it''s here/a'; Content = "one `$HOME ``x``\nEND`n" }, @{ Path = '{0}/new/b'; Content = 'no end' }, @{ Path = '{0}/new/c'; Source = 'binary' }, @{ Path = '{0}/new/l'; Link = 'b' } }
        @{ Name = 'count';   Command = "cat <<'END' >>{0}/new/count`nx`nEND"; Unless = 'test -e {0}/new/count' }
        @{ Name = 'pages';   Restore = 'www'; Paths = '{0}/www'; To = '{0}/new'; Verify = 'grep -q pages "{0}/new{0}/www/index.html"' }
        @{ Name = 'disk';    Manual = 'Order a ``disk`` <now> & *fast*.'; Who = '</pre><script>alert(1)</script>' }
        """;

    [UnixFact]
    public async Task A_runbook_s_commands_do_what_the_plan_does()
    {
        if (!Tool.IsInstalled("restic")) return;
        using var fixture = await StartAsync();
        string markdown = MarkdownRunbook.Write(BookOf(fixture));
        string script = "set -e\n" + string.Concat(Blocks().Matches(markdown).Select(match => match.Groups[2].Value));
        foreach (int turn in (int[])[1, 2])
        {
            var result = Run(fixture, script);
            Assert.True(result.ExitCode == 0, $"{turn}: {result.Error}\n{script}");
        }

        Assert.Equal("one $HOME `x`\\nEND\n", await File.ReadAllTextAsync(fixture["new/srv/it's here/a"]));
        Assert.Equal("no end", await File.ReadAllTextAsync(fixture["new/l"]));
        Assert.Equal(new byte[] { 0, 1, 2, 255 }, await File.ReadAllBytesAsync(fixture["new/c"]));
        Assert.Equal("x\n", await File.ReadAllTextAsync(fixture["new/count"]));
        Assert.Equal("pages", await File.ReadAllTextAsync(fixture["new"] + fixture["www/index.html"]));
        Assert.Contains($"Revision {fixture.Plan.Revision}", markdown, StringComparison.Ordinal);
        Assert.Contains("Never drilled", markdown, StringComparison.Ordinal);
    }

    [UnixFact]
    public async Task The_page_holds_the_same_commands_and_nothing_that_a_plan_says_is_markup()
    {
        using var fixture = await StartAsync(withBackup: false);
        var book = BookOf(fixture);
        string html = HtmlRunbook.Write(book);
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("http", html.Replace("http-equiv", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);
        string[] commands = [.. Pre().Matches(html).Select(match => WebUtility.HtmlDecode(match.Groups[1].Value))];
        Assert.Equal(book.Steps.SelectMany(step => (PlainStep[])[step.Do, .. step.Checks]).Select(step => step.Commands).Where(text => text.Length > 0), commands);
        Assert.DoesNotContain("<now>", MarkdownRunbook.Write(book), StringComparison.Ordinal);
    }

    private static Runbook BookOf(ExecutionFixture fixture) => Runbook.Of(fixture.Plan, fixture.Environment, []);

    private static async Task<ExecutionFixture> StartAsync(bool withBackup = true)
    {
        var fixture = new ExecutionFixture("@{ Name = 'x'; Verify = 'true' }");
        fixture.Environment = fixture.Environment with
        {
            Repositories = [new() { Name = "local", Path = fixture["repository"], Password = new SecretReference(SecretKind.File, fixture["key"]) }],
            Backups = [new() { Name = "www", Server = ["web1"], Path = [fixture["www"]], Repository = "local" }],
        };
        fixture.Write(Steps);
        await File.WriteAllBytesAsync(Path.Combine(PlanFiles.FolderOf(fixture.Environment), "binary"), [0, 1, 2, 255]);
        if (!withBackup) return fixture;
        Directory.CreateDirectory(fixture["www"]);
        await File.WriteAllTextAsync(fixture["www/index.html"], "pages");
        await File.WriteAllTextAsync(fixture["key"], "geheim");
        Directory.CreateDirectory(fixture["bin"]);
        await File.WriteAllTextAsync(fixture["bin/ssh"], "#!/bin/sh\n[ \"$1\" = root@web1 ] || exit 99\nshift\nexec sh -c \"$*\"\n");
        Tool.SetMode(fixture["bin/ssh"], (UnixFileMode)0b111_101_101);
        var made = Run(fixture, $"export RESTIC_REPOSITORY='{fixture["repository"]}' RESTIC_PASSWORD_FILE='{fixture["key"]}'; restic init && restic backup --tag set:www --tag server:web1 '{fixture["www"]}'");
        Assert.True(made.ExitCode == 0, made.Error);
        return fixture;
    }

    private static (int ExitCode, string Error) Run(ExecutionFixture fixture, string script)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-s"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = $"{fixture["bin"]}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["RESTIC_CACHE_DIR"] = fixture["cache"];
        using var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.StandardInput.Write($"main() {{\n{script}\n}}\nmain\n");
        process.StandardInput.Close();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, error);
    }

    [GeneratedRegex("^(`{3,})sh\n(.*?)^\\1$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Blocks();

    [GeneratedRegex("<pre>(.*?)</pre>", RegexOptions.Singleline)]
    private static partial Regex Pre();
}
