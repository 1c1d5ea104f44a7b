using ProdOps.Backup.Tests.Storage;
using ProdOps.LoadBalancing.Publishing;
using ProdOps.LoadBalancing.Rendering;

namespace ProdOps.LoadBalancing.Tests.Publishing;

/// <summary>What keepalived has to call a peer that cannot be reached, and what users have seen of revisions.</summary>
public sealed class PeerTests
{
    [Theory]
    [InlineData("    unicast_peer {\n        10.77.0.12\n    }\n", "10.77.0.12")]
    [InlineData("    unicast_peer {\n        10.77.0.12\n    }\n}\nvrrp_instance b {\n    unicast_peer {\n        10.77.0.12\n    }\n", "10.77.0.12")]
    [InlineData("    unicast_peer {\n        10.77.0.12\n        10.77.0.13\n    }\n", null)]
    [InlineData("    unicast_peer {\n        web1\n    }\n", null)]
    [InlineData("    unicast_peer {", null)]
    [InlineData("", null)]
    public void The_only_peer_of_a_configuration_is_found(string text, string? peer) => Assert.Equal(peer, KeepalivedRenderer.OnlyPeerOf(text));

    [Theory]
    [InlineData("10.77.0.11", 24, "10.77.0.12", true)]
    [InlineData("10.77.0.11", 24, "10.77.0.11", false)]
    [InlineData("10.77.0.11", 24, "10.77.1.12", false)]
    [InlineData("10.77.0.11", 32, "10.77.0.12", false)]
    [InlineData("2001:db8::11", 64, "2001:db8::12", true)]
    [InlineData("2001:db8::11", 64, "10.77.0.12", false)]
    [InlineData("10.77.0.11", 24, "web1", false)]
    public void An_address_is_of_a_network_or_not(string own, int prefix, string address, bool reaches) => Assert.Equal(reaches, new NetworkLink("eth0", own, prefix).Reaches(address));

    [Theory]
    [InlineData("# Written by ProdOps: Publish-LoadBalancer writes this file anew, so change the environment's file instead.\n# Revision 5ffc827e of web,db.\n", "5ffc827e")]
    [InlineData("# Written by hand.\n# Revision 5ffc827e of web.\n", null)]
    [InlineData("# Written by ProdOps: Publish-LoadBalancer writes this file anew, so change the environment's file instead.\n# Revision 5 of web.\n", null)]
    [InlineData("", null)]
    public void A_file_says_which_revision_it_is(string text, string? revision) => Assert.Equal(revision, RenderedFile.RevisionOf(text));

    [Fact]
    public void A_file_that_says_another_revision_alone_does_not_differ()
    {
        string of(string revision, string rest) => $"# {RenderedFile.Marker}\n# Revision {revision} of web.\n{rest}\n";
        var file = new RenderedFile("/etc/keepalived/keepalived.conf", of("5ffc827e", "priority 150"));
        Assert.False(file.Differs(of("0123abcd", "priority 150")));
        Assert.True(file.Differs(of("5ffc827e", "priority 140")));
        Assert.True(file.Differs(null));
        Assert.True(file.Differs("# Revision 0123abcd of web.\npriority 150\n"));
    }

    [Fact]
    public void Revisions_that_were_seen_are_remembered_and_a_damaged_file_is_none()
    {
        using var folder = new TemporaryFolder();
        var known = new KnownRevisions(Path.Join(folder["state"], "revisions.json"));
        Assert.Empty(known.Read());
        known.Note("shop", [Of("lb1", "2-0123abcd"), Of("lb1", "1-89abcdef")], all: true);
        known.Note("shop", [Of("lb2", "1-89abcdef")], all: true);
        known.Note("shop", [Of("lb1", "3-00000000")], all: false);
        Assert.Equal(["3-00000000", "2-0123abcd", "1-89abcdef", "1-89abcdef"], known.Read().Select(one => one.Id));
        Assert.Equal("server web1 joins", known.Read()[0].Change);
        known.Note("shop", [Of("lb1", "3-00000000")], all: true);
        Assert.Equal(["3-00000000", "1-89abcdef"], known.Read().Select(one => one.Id));
        // Balancers of another environment, of the same names.
        known.Note("other", [Of("lb1", "8-00000000")], all: true);
        known.Note("Shop", [Of("lb1", "3-00000000")], all: true);
        Assert.Equal(["3-00000000", "8-00000000", "1-89abcdef"], known.Read().Select(one => one.Id));
        known.Note("shop", [], all: true);
        foreach (string damaged in (string[])["", "[", "{}", "[null]", "[{\"Id\":\"\"}]", "[1]", "\0"])
        {
            File.WriteAllText(Path.Join(folder["state"], "revisions.json"), damaged);
            Assert.Empty(known.Read());
        }

        known.Note("shop", [Of("lb1", "4-00000000")], all: false);
        Assert.Single(known.Read());
    }

    private static LoadBalancerRevision Of(string server, string id) => new() { Id = id, LoadBalancer = "web", Server = server, Changes = ["server web1 joins"] };
}
