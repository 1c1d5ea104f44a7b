using ProdOps.Servers.Files;

namespace ProdOps.Servers.Tests.Files;

/// <summary>Folders, to a server and from one: what one way does, the other does too.</summary>
public sealed class TreeCopyTests : IDisposable
{
    private readonly FileLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [UnixTheory]
    [InlineData("to", "gnu")]
    [InlineData("from", "gnu")]
    [ProgramData("busybox", "to", "busybox")]
    [ProgramData("busybox", "from", "busybox")]
    public async Task A_new_copy_has_every_name_mode_time_and_link(string way, string tools)
    {
        string source = _lab.MakeTree("source");
        var result = await CopyAsync(way, tools, source, _lab["new/copy"]);
        Assert.Equal(_lab.Describe(source, tools == "gnu"), _lab.Describe(_lab["new/copy"], tools == "gnu"));
        Assert.True(result.Verified);
        Assert.Equal((0, 0), (result.Errors, result.Skipped));
        Assert.Equal("copy", _lab.Bash("ls -A new").Trim());
    }

    [UnixTheory]
    [InlineData("to", "gnu")]
    [InlineData("from", "gnu")]
    [ProgramData("busybox", "to", "busybox")]
    [ProgramData("busybox", "from", "busybox")]
    public async Task A_second_copy_sends_only_what_changed(string way, string tools)
    {
        string source = _lab.MakeTree("source");
        await CopyAsync(way, tools, source, _lab["copy"]);
        var same = await CopyAsync(way, tools, source, _lab["copy"]);
        Assert.Equal((0, 0), (same.Files, same.Bytes));
        _lab.Bash("echo changed >> source/script.sh; mkdir source/a/fresh; echo f > source/a/fresh/file; chmod 640 source/-dash; chmod 711 source/private; ln -sfn two source/a/link; echo extra > copy/extra");
        var changed = await CopyAsync(way, tools, source, _lab["copy"]);
        Assert.Equal(3, changed.Files);
        _lab.Bash("test -f copy/extra; rm copy/extra; touch -r source copy; test -z \"$(find copy -name '.prodops*')\"");
        Assert.Equal(_lab.Describe(source, tools == "gnu"), _lab.Describe(_lab["copy"], tools == "gnu"));
    }

    [UnixTheory]
    [InlineData("to", "gnu")]
    [InlineData("from", "gnu")]
    [ProgramData("busybox", "to", "busybox")]
    [ProgramData("busybox", "from", "busybox")]
    public async Task Delete_makes_the_destination_a_mirror_and_takes_away_what_is_in_the_way(string way, string tools)
    {
        string source = _lab.MakeTree("source");
        await CopyAsync(way, tools, source, _lab["copy"]);
        _lab.Bash("""
            mkdir -p copy/gone/deep copy/a/gone; echo 1 > copy/gone/deep/file; echo 2 > "copy/a/ex tra"
            rm -r copy/empty copy/script.sh; echo file > copy/empty; mkdir copy/script.sh; echo 3 > copy/script.sh/in
            rm -r copy/private; ln -s /etc copy/private
            """);
        var result = await CopyAsync(way, tools, source, _lab["copy"], new CopyOptions { Delete = true });
        Assert.Equal(3, result.Deleted);
        Assert.Equal(_lab.Describe(source, tools == "gnu"), _lab.Describe(_lab["copy"], tools == "gnu"));
    }

    [UnixTheory]
    [InlineData("to")]
    [InlineData("from")]
    public async Task Without_delete_a_folder_in_the_way_is_an_error_of_that_item_alone(string way)
    {
        _lab.Bash("mkdir -p source copy/file; echo 1 > source/file; echo 2 > source/other; echo keep > copy/file/keep");
        var activity = new ErrorList();
        var result = await CopyAsync(way, "gnu", _lab["source"], _lab["copy"], activity: activity);
        Assert.Equal((1, 1), (result.Files, result.Errors));
        Assert.Equal("ItemNotCopied", Assert.Single(activity.Errors).ErrorId);
        Assert.Equal("keep", File.ReadAllText(_lab["copy/file/keep"]).Trim());
    }

    [UnixFact]
    public async Task A_folder_does_not_make_way_for_a_file_that_cannot_be_sent()
    {
        _lab.Bash("mkdir -p source copy/file; echo 1 > source/file; echo 2 > source/other; echo keep > copy/file/keep");
        var tree = LocalTree.Read(_lab["source"], error => throw error, CancellationToken.None);
        File.Delete(_lab["source/file"]);
        var activity = new ErrorList();
        var result = await SendAsync(tree, new CopyOptions { Delete = true }, activity);
        Assert.Equal((1, 1), (result.Files, result.Errors));
        Assert.Equal("ItemNotCopied", Assert.Single(activity.Errors).ErrorId);
        Assert.Equal(("keep\n", "2\n"), (File.ReadAllText(_lab["copy/file/keep"]), File.ReadAllText(_lab["copy/other"])));
    }

    [UnixTheory]
    [InlineData("to")]
    [InlineData("from")]
    public async Task Nothing_is_deleted_in_a_folder_of_which_something_failed(string way)
    {
        _lab.Bash("mkdir -p source/a source/b copy/a copy/b; echo 1 > source/a/file; echo 2 > source/b/file; echo kept > copy/a/renamed; echo gone > copy/b/extra");
        var activity = new ErrorList();
        var result = await CopyAsync(way, "gnu", _lab["source"], _lab["copy"], new CopyOptions { Delete = true }, activity, () => File.Delete(_lab["source/a/file"]));
        Assert.Equal((1, 1, 1), (result.Files, result.Errors, result.Deleted));
        Assert.StartsWith("Not deleted: 1 of what is besides at", Assert.Single(activity.Warnings));
        Assert.Equal(("kept\n", "2\n", false), (File.ReadAllText(_lab["copy/a/renamed"]), File.ReadAllText(_lab["copy/b/file"]), File.Exists(_lab["copy/b/extra"])));
    }

    [UnixFact]
    public async Task Names_of_a_file_are_sent_though_what_has_its_first_name_stays()
    {
        _lab.Bash("mkdir source copy; echo new > source/a; ln source/a source/b; ln source/a source/c; echo old > copy/a");
        var tree = LocalTree.Read(_lab["source"], error => throw error, CancellationToken.None);
        var result = await SendAsync(tree, new CopyOptions { MayReplace = (_, _) => false }, SilentActivity.Instance);
        Assert.Equal((2, 4, 0), (result.Files, result.Bytes, result.Errors));
        Assert.Equal(("old\n", "new\n"), (File.ReadAllText(_lab["copy/a"]), File.ReadAllText(_lab["copy/b"])));
        _lab.Bash("test copy/b -ef copy/c; test $(stat -c %h copy/c) = 2");
    }

    [UnixTheory]
    [InlineData("to")]
    [InlineData("from")]
    public async Task An_empty_folder_is_copied(string way)
    {
        Directory.CreateDirectory(_lab["source"]);
        await CopyAsync(way, "gnu", _lab["source"], _lab["copy"]);
        Assert.Empty(Directory.GetFileSystemEntries(_lab["copy"]));
    }

    private Task<ServerCopyResult> SendAsync(FileTree source, CopyOptions options, IActivity activity) =>
        new TreeSender(_lab.Shell(), new CopyRequest(_lab["source"], _lab["copy"], options), _lab.Context(activity)).SendAsync(source, CancellationToken.None);

    private async Task<ServerCopyResult> CopyAsync(string way, string tools, string source, string destination, CopyOptions? options = null, IActivity? activity = null, Action? afterListing = null)
    {
        var request = new CopyRequest(source, destination, options ?? new CopyOptions());
        var (shell, context) = (_lab.Shell(tools), _lab.Context(activity));
        if (way == "to")
        {
            var tree = LocalTree.Read(source, error => throw error, CancellationToken.None);
            afterListing?.Invoke();
            return await new TreeSender(shell, request, context).SendAsync(tree, CancellationToken.None);
        }
        var listing = await RemoteTree.ReadAsync(shell, new ListRequest(source, ListScope.Everything), context.Activity, CancellationToken.None);
        afterListing?.Invoke();
        return await new TreeFetcher(shell, request, context).FetchAsync(listing, CancellationToken.None);
    }
}
