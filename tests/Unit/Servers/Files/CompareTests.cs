using ProdOps.Servers.Files;

namespace ProdOps.Servers.Tests.Files;

public sealed class CompareTests : IDisposable
{
    private readonly FileLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [UnixTheory]
    [InlineData("gnu")]
    [ProgramData("busybox", "busybox")]
    public async Task What_differs_is_told_with_the_servers_that_differ(string tools)
    {
        _lab.Bash("""
            for s in web1 web2 web3; do mkdir -p $s/conf.d; echo same > $s/same; echo site > $s/conf.d/site; ln -s conf.d $s/link; echo m > $s/mode; done
            echo other > web2/conf.d/site; chmod 600 web3/mode; rm web1/same; ln -sfn elsewhere web3/link
            """);
        var items = (await CompareAsync(tools, null, "web1", "web2", "web3")).Where(item => !item.IsEqual).ToDictionary(item => item.Path);
        Assert.Equal(["/etc/x/conf.d/site", "/etc/x/link", "/etc/x/mode", "/etc/x/same"], items.Keys.Order(StringComparer.Ordinal));
        Assert.Equal((ServerItemDifference.Content, "web2"), Short(items["/etc/x/conf.d/site"]));
        Assert.Equal((ServerItemDifference.Content, "web3"), Short(items["/etc/x/link"]));
        Assert.Equal((ServerItemDifference.Permissions, "web3"), Short(items["/etc/x/mode"]));
        Assert.Equal((ServerItemDifference.Missing, "web1"), Short(items["/etc/x/same"]));
        Assert.Equal(["web2", "web3"], items["/etc/x/same"].Versions[0].Servers);
    }

    [UnixFact]
    public async Task A_named_reference_is_right_whatever_the_others_have()
    {
        _lab.Bash("for s in web1 web2 web3; do mkdir $s; echo many > $s/f; done; echo right > web3/f");
        var item = Assert.Single(await CompareAsync("gnu", "web3", "web1", "web2", "web3"), item => !item.IsEqual);
        Assert.Equal((ServerItemDifference.Content, "web1,web2"), Short(item));
        Assert.True(item.Versions[0].IsReference);
    }

    [UnixFact]
    public async Task An_unreadable_file_is_a_difference_and_not_equal_to_another_one_by_chance()
    {
        _lab.Bash("for s in web1 web2; do mkdir $s; echo same > $s/f; done");
        var trees = await ReadAsync("gnu", "web1", "web2");
        trees[1] = trees[1] with { Checksums = new Dictionary<string, string>() };
        Assert.Single(new ItemComparer("/x", trees).Compare(), item => item.Difference == ServerItemDifference.Content);
    }

    [UnixFact]
    public async Task A_local_folder_may_be_the_reference()
    {
        _lab.Bash("for s in web1 web2; do mkdir $s; echo local > $s/f; done; echo changed > web2/f");
        var trees = await ReadAsync("gnu", "web2");
        trees.Insert(0, ItemReader.ReadLocal(_lab["web1"], SilentActivity.Instance, CancellationToken.None));
        var item = Assert.Single(new ItemComparer("/x", trees) { Reference = _lab["web1"], IgnoreOwner = true }.Compare(), item => !item.IsEqual);
        Assert.Equal((ServerItemDifference.Content, "web2"), Short(item));
    }

    private static (ServerItemDifference, string) Short(ServerItemComparison item) => (item.Difference, string.Join(',', item.DifferentServers));

    private async Task<List<ServerItemComparison>> CompareAsync(string tools, string? reference, params string[] servers) =>
        [.. new ItemComparer("/etc/x", await ReadAsync(tools, servers)) { Reference = reference }.Compare()];

    private async Task<List<ComparedTree>> ReadAsync(string tools, params string[] servers)
    {
        var trees = new List<ComparedTree>();
        foreach (string server in servers)
            trees.Add(await ItemReader.ReadAsync(_lab.Shell(tools), _lab[server], asRoot: false, SilentActivity.Instance, CancellationToken.None) with { Name = server });
        return trees;
    }
}
