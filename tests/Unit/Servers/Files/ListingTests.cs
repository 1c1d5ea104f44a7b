using System.Text;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Files;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Servers.Tests.Files;

public sealed class ListingTests : IDisposable
{
    private readonly FileLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [UnixTheory]
    [InlineData("gnu")]
    [ProgramData("busybox", "busybox")]
    public async Task A_listing_tells_what_this_machine_sees(string tools)
    {
        string source = _lab.MakeTree("source");
        _lab.Bash("mkfifo source/fifo");
        var local = LocalTree.Read(source, error => throw error, CancellationToken.None);
        var listing = await RemoteTree.ReadAsync(_lab.Shell(tools), new ListRequest(source, ListScope.Everything) { Hash = true }, SilentActivity.Instance, CancellationToken.None);
        Assert.Equal("folder", listing.Kind);
        Assert.Empty(listing.Problems);
        Assert.True(listing.Free > 0);
        Assert.Equal(local.Items.Select(item => Comparable(item, tools)), listing.Tree.Items.Select(item => Comparable(item, tools)));
        Assert.Equal(Comparable(local.Root!, tools), Comparable(listing.Tree.Root!, tools));
        var sums = ItemReader.ReadLocal(source, SilentActivity.Instance, CancellationToken.None).Checksums;
        Assert.Equal(sums.OrderBy(sum => sum.Key, StringComparer.Ordinal), listing.Checksums.OrderBy(sum => sum.Key, StringComparer.Ordinal));
    }

    [UnixTheory]
    [InlineData("gnu")]
    [ProgramData("busybox", "busybox")]
    public async Task Named_items_are_told_and_missing_ones_are_not(string tools)
    {
        _lab.Bash("mkdir -p s/a; echo 1 > s/a/-x; ln -s q s/l; echo 2 > $'s/n\\nl'; touch s/other");
        var request = new ListRequest(_lab["s"], ListScope.Named) { Names = ["a", "a/-x", "l", "n\nl", "gone", "a/gone"] };
        var listing = await RemoteTree.ReadAsync(_lab.Shell(tools), request, SilentActivity.Instance, CancellationToken.None);
        Assert.Equal(["a", "a/-x", "l", "n\nl"], listing.Tree.Items.Select(item => item.Path));
        Assert.Equal("q", listing.Tree.Find("l")!.LinkTarget);
    }

    [UnixTheory]
    [InlineData("gnu")]
    [ProgramData("busybox", "busybox")]
    public async Task A_file_a_link_to_a_folder_and_nothing_are_told_apart(string tools)
    {
        _lab.Bash("mkdir d; echo 1 > d/f; ln -s d l; ln -s nowhere x");
        Assert.Equal("file", (await ListAsync("d/f")).Kind);
        Assert.Equal(2, (await ListAsync("d/f")).Tree.Root!.Size);
        Assert.Single((await ListAsync("d/f")).Checksums);
        Assert.Equal(["f"], (await ListAsync("l")).Tree.Items.Select(item => item.Path));
        Assert.Equal("none", (await ListAsync("gone/deep")).Kind);
        Assert.Equal("other", (await ListAsync("x")).Kind);

        Task<RemoteListing> ListAsync(string path) =>
            RemoteTree.ReadAsync(_lab.Shell(tools), new ListRequest(_lab[path], ListScope.Everything) { Hash = true }, SilentActivity.Instance, CancellationToken.None);
    }

    [UnixTheory]
    [InlineData("../evil")]
    [InlineData("/etc/passwd")]
    [InlineData("./a/../../b")]
    [InlineData("./a//b")]
    [InlineData("./")]
    [InlineData("plain")]
    public void A_name_that_leads_out_is_refused(string name)
    {
        var output = Encoding.ASCII.GetBytes($"list=find\ntype=folder\n\nd 755 1 1.0 1 1 1 0 0\0root\0root\0.\0\0f 644 1 1.0 1 1 1 0 0\0root\0root\0{name}\0\0");
        Assert.Equal("ListingNotUnderstood", Assert.Throws<ProdOpsException>(() => RemoteListing.Parse(output, "m", "web1")).ErrorId);
    }

    [UnixTheory]
    [InlineData("gnu")]
    [ProgramData("busybox", "busybox")]
    public async Task Damaged_listings_are_refused_and_nothing_else(string tools)
    {
        _lab.Bash("mkdir -p s/a; echo 1 > 's/a/f f'; ln -s q s/l; echo 3 > s/g");
        string mark = "0123456789abcdef0123456789abcdef";
        var command = new ServerCommand(ListScript.Text(_lab["s"], mark, ListScope.Everything, hash: true));
        byte[] output = (await _lab.Shell(tools).RunAsync(command, CancellationToken.None)).StandardOutput.ToArray();
        Assert.Equal(4, RemoteListing.Parse(output, mark, "web1").Tree.Items.Count);
        var random = new Random(7);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] damaged = [.. output];
            for (int i = random.Next(1, 5); i > 0; i--) damaged[random.Next(damaged.Length)] = (byte)"\0\n /.:0123456789abcfdlSLT=-\\\x80"[random.Next(29)];
            if (random.Next(4) == 0) damaged = damaged[..random.Next(damaged.Length)];
            try
            {
                foreach (var item in RemoteListing.Parse(damaged, mark, "web1").Tree.Items) Assert.True(SafePath.IsSafe(item.Path));
            }
            catch (ProdOpsException e) when (e.ErrorId is "ListingNotUnderstood" or "ListingToolsMissing")
            {
            }
        }
    }

    [UnixTheory]
    [InlineData("sha256sum0", "{0}  ./a b\0{1}  ./n\nl\0")]
    [InlineData("sha256sum", "{0}  ./a b\n\\{1}  ./n\\nl\n")]
    [InlineData("sha256sum", "{0}  ./a b\n{1}  ./n\nl\n")]
    [InlineData("openssl", "{0} *./a b\n{1} *./n\nl\n")]
    [InlineData("openssl", "{0} *./a b\n\\{1} *./n\\nl\n")]
    [InlineData("sha256sum", "rubbish\n{0}  ./a b\nmore rubbish\n\n{1}  ./n\nl\n")]
    public void Checksums_of_every_program_are_read(string tool, string format)
    {
        string one = new('a', 64), other = new('0', 64);
        byte[] output = Encoding.UTF8.GetBytes(string.Format(System.Globalization.CultureInfo.InvariantCulture, format, one, other));
        var sums = ChecksumList.Parse(output, tool, name => name is [(byte)'.', (byte)'/', ..] ? FileNames.Decode(name[2..]) : null, new HashSet<string> { "a b", "n\nl" });
        Assert.Equal((one, other), (sums["a b"], sums["n\nl"]));
    }

    private static TreeItem Comparable(TreeItem item, string tools) => item with
    {
        // A folder's size is the file system's affair; BusyBox has whole seconds and other names for nameless owners.
        Size = item.Type == FileType.File ? item.Size : 0,
        Modified = tools == "gnu" ? item.Modified : item.Modified with { Nanoseconds = 0 },
    };
}
