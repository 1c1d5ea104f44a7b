using System.Net;
using ProdOps.LoadBalancing.Pairs;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.LoadBalancing.Tests.Pairs;

public sealed class PairParserTests
{
    private static readonly IPAddress Virtual = IPAddress.Parse("10.99.0.100");

    /// <summary>What keepalived 2.2.7 and iproute2 6.1 print.</summary>
    private const string Addresses = """
        @addresses
        1: lo    inet 127.0.0.1/8 scope host lo\       valid_lft forever preferred_lft forever
        2: host0    inet 10.99.0.12/24 scope global host0\       valid_lft forever preferred_lft forever
        2: host0    inet 10.99.0.100/24 scope global secondary host0\       valid_lft forever preferred_lft forever
        2: host0    inet6 fe80::f868:f5ff:fe3e:ff40/64 scope link \       valid_lft forever preferred_lft forever
        7: tun0    inet 10.8.0.1 peer 10.8.0.2/32 scope global tun0\       valid_lft forever preferred_lft forever

        """;

    private const string Master = Addresses + """
        @keepalived 4711
        @routers
        [{"data":{"iname":"web","dont_track_primary":0,"vmac_ifname":"","ifp_ifname":"host0","master_priority":150,"last_transition":1795734596.442302,"vrid":51,"base_priority":140,"effective_priority":240,"vipset":true,"adver_int":0.2,"state":2,"wantstate":2,"version":3,"vips":["10.99.0.100\/24 dev host0 scope global set"],"evips":["fd00::7 dev host0"],"auth_type":0},"stats":{"advert_rcvd":20}}]
        @end

        """;

    [Fact]
    public void A_balancer_says_which_addresses_it_has_and_what_its_keepalived_is()
    {
        var facts = PairParser.Parse("lb2", Master);
        Assert.Equal(("lb2", 4711), (facts.Server, facts.KeepalivedProcess));
        Assert.Equal(["10.8.0.1", "10.99.0.100", "10.99.0.12", "127.0.0.1", "fe80::f868:f5ff:fe3e:ff40"], facts.Addresses.Select(address => address.ToString()).Order());
        var router = Assert.Single(facts.Routers!);
        Assert.Equal(("web", 51, VirtualRouterState.Master, 140, 240), (router.Name, router.Id, router.State, router.BasePriority, router.Priority));
        Assert.Equal([Virtual, IPAddress.Parse("fd00::7")], router.Addresses);
        Assert.Same(router, facts.RouterOf(Virtual));
    }

    [Fact]
    public void Without_keepalived_the_addresses_are_known()
    {
        var facts = PairParser.Parse("lb2", Addresses + "@keepalived none\n@end\n");
        Assert.Null(facts.KeepalivedProcess);
        Assert.Null(facts.Routers);
        Assert.Contains(Virtual, facts.Addresses);
    }

    [Theory]
    [InlineData("")]
    [InlineData("@addresses\n1: lo    inet 127.0.0.1/8 scope host lo\n")]
    [InlineData("@addresses\n@keepalived 7\n@routers\n[{\"data\":{}}]\n@end\n")]
    [InlineData("@addresses\n@keepalived 7\n@routers\n[{\"data\":{\"iname\":\"web\"\n@end\n")]
    [InlineData("@addresses\n@keepalived 7\n@routers\n{\"vrrp\":5}\n@end\n")]
    public void An_answer_that_is_none_is_refused(string text) =>
        Assert.Equal("LoadBalancerPairNotUnderstood", Assert.Throws<ProdOpsException>(() => PairParser.Parse("lb1", text)).ErrorId);

    [Fact]
    public void Damaged_answers_are_read_or_refused() => ParserFuzz.Run("pair's answer", text => PairParser.Parse("lb1", text), [Master, Addresses + "@keepalived none\n@end\n"]);

    [Fact]
    public void Each_balancer_is_told_what_it_is_to_its_pair()
    {
        Assert.Equal([LoadBalancerRole.Active, LoadBalancerRole.Standby], RolesOf(Facts("lb1", true), Facts("lb2", false)));
        Assert.Equal([LoadBalancerRole.Conflict, LoadBalancerRole.Conflict], RolesOf(Facts("lb1", true), Facts("lb2", true)));
        Assert.Equal([LoadBalancerRole.Orphaned, LoadBalancerRole.Orphaned], RolesOf(Facts("lb1", false), Facts("lb2", false)));
    }

    [Fact]
    public void Of_a_balancer_that_cannot_be_asked_a_backup_knows_that_it_lives_and_nobody_else_does()
    {
        var failures = new Dictionary<string, ProdOpsException> { ["lb1"] = new("HostUnreachable", ErrorKind.ResourceUnavailable, "lb1 does not answer.") };
        Assert.Equal(LoadBalancerRole.Standby, new PairState([Facts("lb2", false)], failures).RoleOf("lb2", Virtual));
        Assert.Equal(LoadBalancerRole.Orphaned, new PairState([Facts("lb2", false) with { KeepalivedProcess = null, Routers = null }], failures).RoleOf("lb2", Virtual));
        Assert.Equal(LoadBalancerRole.Active, new PairState([Facts("lb2", true)], failures).RoleOf("lb2", Virtual));
    }

    [Fact]
    public void What_is_wrong_with_a_pair_is_said_in_words()
    {
        var both = new PairState([Facts("lb1", true), Facts("lb2", true, priority: 100)], new Dictionary<string, ProdOpsException>());
        Assert.Equal(["10.99.0.100 is held by lb1 and lb2 at once: they do not hear each other's VRRP"], both.ProblemsOf("lb1", Virtual));
        var strange = new PairState([Facts("lb1", true), Facts("lb2", false, id: 7)], new Dictionary<string, ProdOpsException>());
        Assert.Equal(
            ["the balancers have different numbers (VRID) for the virtual router of 10.99.0.100", "it has the same priority as lb1: who of them holds 10.99.0.100 is left to chance"], strange.ProblemsOf("lb2", Virtual));
        var dead = new PairState([Facts("lb1", false) with { KeepalivedProcess = null, Routers = null }, Facts("lb2", false)], new Dictionary<string, ProdOpsException>());
        Assert.Equal(["nobody holds 10.99.0.100", "keepalived does not run"], dead.ProblemsOf("lb1", Virtual));
        var well = new PairState([Facts("lb1", true), Facts("lb2", false, priority: 100)], new Dictionary<string, ProdOpsException>());
        Assert.Empty(well.ProblemsOf("lb1", Virtual));
        Assert.Empty(well.ProblemsOf("lb2", Virtual));
    }

    private static LoadBalancerRole[] RolesOf(params PairFacts[] members)
    {
        var pair = new PairState(members, new Dictionary<string, ProdOpsException>());
        return [.. members.Select(member => pair.RoleOf(member.Server, Virtual))];
    }

    private static PairFacts Facts(string server, bool holds, int priority = 150, int id = 51) => new()
    {
        Server = server,
        Addresses = new HashSet<IPAddress>(holds ? [Virtual] : []),
        KeepalivedProcess = 4711,
        Routers = [new VirtualRouter("web", id, holds ? VirtualRouterState.Master : VirtualRouterState.Backup, priority, priority, [Virtual])],
    };
}
