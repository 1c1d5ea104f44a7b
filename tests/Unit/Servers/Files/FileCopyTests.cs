using System.Text.RegularExpressions;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Files;

namespace ProdOps.Servers.Tests.Files;

/// <summary>Single files, both ways: whole, cut and gone on with, damaged, twice at once.</summary>
public sealed class FileCopyTests : IDisposable
{
    private const int Size = 3_000_000;

    private readonly FileLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [UnixTheory]
    [InlineData("gnu")]
    [ProgramData("busybox", "busybox")]
    public async Task A_file_arrives_with_its_mode_and_time_and_is_then_skipped(string tools)
    {
        Make();
        var sent = await SendAsync(_lab.Shell(tools), "in/a b'c");
        Assert.True(sent.Verified);
        Assert.Equal(64, sent.Checksum!.Length);
        Assert.Equal((1, Size), (sent.Files, sent.Bytes));
        Assert.Equal((0, 1), ((int)(await SendAsync(_lab.Shell(tools), "in/a b'c")).Files, (int)(await SendAsync(_lab.Shell(tools), "in/a b'c")).Skipped));
        var fetched = await FetchAsync(_lab.Shell(tools), "in/a b'c", "back");
        Assert.True(fetched.Verified);
        Assert.Equal(sent.Checksum, fetched.Checksum);
        AssertSame("source", "in/a b'c", tools == "gnu");
        AssertSame("in/a b'c", "back", tools == "gnu");
        AssertNothingLeft("in");
        AssertNothingLeft(".");
    }

    [UnixTheory]
    [InlineData("gnu")]
    [ProgramData("busybox", "busybox")]
    public async Task A_cut_file_is_gone_on_with_to_a_server(string tools)
    {
        Make();
        var cut = new CuttingShell(_lab.Shell(tools), sendAtMost: 1_200_000);
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => SendAsync(cut, "in/file"));
        Assert.Equal("TransferCut", error.ErrorId);
        Assert.False(File.Exists(_lab["in/file"]));
        var result = await SendAsync(_lab.Shell(tools), "in/file");
        Assert.InRange(result.Resumed, 1, 1_200_000);
        Assert.Equal(Size, result.Resumed + result.Bytes);
        AssertSame("source", "in/file", tools == "gnu");
        AssertNothingLeft("in");
    }

    [UnixTheory]
    [InlineData("gnu")]
    [ProgramData("busybox", "busybox")]
    public async Task A_cut_file_is_gone_on_with_from_a_server(string tools)
    {
        Make();
        var cut = new CuttingShell(_lab.Shell(tools), receiveAtMost: 1_200_000);
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => FetchAsync(cut, "source", "in/file"));
        Assert.Equal("TransferCut", error.ErrorId);
        Assert.False(File.Exists(_lab["in/file"]));
        var result = await FetchAsync(_lab.Shell(tools), "source", "in/file");
        Assert.InRange(result.Resumed, 1, 1_200_000);
        AssertSame("source", "in/file", tools == "gnu");
        AssertNothingLeft("in");
    }

    [UnixTheory]
    [InlineData("gnu", "victim")]
    [InlineData("gnu", "missing")]
    [ProgramData("busybox", "busybox", "victim")]
    public async Task A_link_that_somebody_made_in_the_place_of_the_incomplete_file_is_not_followed(string tools, string target)
    {
        Make();
        File.WriteAllText(_lab["victim"], "victim");
        var result = await SendAsync(new PlantingShell(_lab.Shell(tools), _lab["in"], _lab[target]), "in/file");
        Assert.Equal((Size, 0), (result.Bytes, result.Resumed));
        AssertSame("source", "in/file", tools == "gnu");
        Assert.Equal("victim", File.ReadAllText(_lab["victim"]));
        Assert.False(File.Exists(_lab["missing"]));
        AssertNothingLeft("in");
    }

    [UnixFact]
    public async Task What_was_left_and_is_damaged_is_sent_anew()
    {
        Make();
        await Assert.ThrowsAsync<ProdOpsException>(() => SendAsync(new CuttingShell(_lab.Shell(), sendAtMost: 1_200_000), "in/file"));
        // The receiver may still be writing what had come.
        _lab.Bash("cd in; f=$(ls -A); for i in $(seq 1000); do [ $(stat -c %s \"$f\") -ge 1200000 ] && break; sleep 0.01; done; printf X | dd of=\"$f\" bs=1 seek=1000 conv=notrunc status=none");
        var result = await SendAsync(_lab.Shell(), "in/file");
        Assert.Equal((0, Size), (result.Resumed, result.Bytes));
        AssertSame("source", "in/file");
        AssertNothingLeft("in");
    }

    [UnixFact]
    public async Task A_changed_source_does_not_go_on_with_the_old_one()
    {
        Make();
        await Assert.ThrowsAsync<ProdOpsException>(() => SendAsync(new CuttingShell(_lab.Shell(), sendAtMost: 1_200_000), "in/file"));
        _lab.Bash("printf Y | dd of=source bs=1 seek=10 conv=notrunc status=none");
        Assert.Equal(0, (await SendAsync(_lab.Shell(), "in/file")).Resumed);
        AssertSame("source", "in/file");
    }

    [UnixFact]
    public async Task Two_copies_at_once_to_the_same_file_both_end_well()
    {
        Make();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SendAsync(_lab.Shell(), "in/file")));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => FetchAsync(_lab.Shell(), "source", "out/file")));
        AssertSame("source", "in/file");
        AssertSame("source", "out/file");
        AssertNothingLeft("in");
        AssertNothingLeft("out");
    }

    [UnixTheory]
    [InlineData("sh", "mkdir", "wc", "cat", "mv", "chmod", "touch", "rm", "find", "df", "awk", "cksum")]
    [InlineData("sh", "mkdir", "wc", "cat", "mv", "chmod", "touch", "rm", "find", "df", "awk")]
    public async Task A_server_without_sha256_is_verified_by_what_it_has(params string[] programs)
    {
        Make();
        var result = await SendAsync(_lab.ShellWithOnly(programs), "in/file");
        bool has = programs.Contains("cksum");
        Assert.Equal((has, has ? "CKSUM" : null), (result.Verified, result.Algorithm));
        AssertSame("source", "in/file");
    }

    [UnixFact]
    public async Task A_folder_is_a_place_for_the_file_and_a_slash_makes_one()
    {
        Make();
        Directory.CreateDirectory(_lab["there"]);
        Assert.Equal(_lab["there/source"], (await SendAsync(_lab.Shell(), "there")).Destination);
        Assert.Equal(_lab["new/source"], (await SendAsync(_lab.Shell(), "new/")).Destination);
        Assert.Equal(_lab["back/source"], (await FetchAsync(_lab.Shell(), "source", "back/")).Destination);
    }

    private void Make() => _lab.Bash($"mkdir in out; head -c {Size} /dev/urandom > source; chmod 640 source; touch -d '2022-03-04 05:06:07.123456789' source");

    private async Task<ServerCopyResult> SendAsync(IServerShell shell, string destination)
    {
        var source = LocalTree.Read(_lab["source"], error => throw error, CancellationToken.None);
        var job = await new ItemCopier(shell, new CopyOptions(), _lab.Context()).SendAsync(_lab["source"], source, _lab[destination], CancellationToken.None);
        return await job.Run(CancellationToken.None);
    }

    private async Task<ServerCopyResult> FetchAsync(IServerShell shell, string source, string destination)
    {
        var job = await new ItemCopier(shell, new CopyOptions(), _lab.Context()).FetchAsync(_lab[source], _lab[destination], CancellationToken.None);
        return await job.Run(CancellationToken.None);
    }

    private void AssertSame(string one, string other, bool fractions = true)
    {
        _lab.Bash($"cmp \"{one}\" \"{other}\"");
        string format = fractions ? "%a %y" : "%a %Y";
        Assert.Equal(_lab.Bash($"stat -c '{format}' \"{one}\""), _lab.Bash($"stat -c '{format}' \"{other}\""));
    }

    private void AssertNothingLeft(string folder) => Assert.Equal("", _lab.Bash($"find '{folder}' -maxdepth 1 -name '.prodops*'"));
}

/// <summary>A server on which somebody guesses the name of an incomplete file, and makes a link of that name before it is begun.</summary>
internal sealed partial class PlantingShell(IServerShell inner, string folder, string target) : IServerShell
{
    public string Name => inner.Name;

    public Task<IServerProcess> StartAsync(ServerCommand command, CancellationToken cancellationToken)
    {
        // The shell's own number is in the name, so that only the shell itself can guess it every time.
        if (Incomplete().Match(command.Text) is { Success: true } found)
            command = command with { Text = $"ln -s {ShellQuote.Word(target)} {ShellQuote.Word(folder)}/{found.Groups[1].Value}\n{command.Text}" };
        return inner.StartAsync(command, cancellationToken);
    }

    [GeneratedRegex(@"^f=\./(\.prodops-copy-[0-9a-f]+\.\$\$)$", RegexOptions.Multiline)]
    private static partial Regex Incomplete();
}
