using ProdOps.Recovery.Execution;
using ProdOps.Recovery.Runbooks;

namespace ProdOps.Recovery.Tests.Execution;

/// <summary>A step that has a balancer serve by what the environment says of it. Publishing itself has its own tests, and the shop's balancers are built by such steps.</summary>
public sealed class PublishStepTests
{
    private const string Steps = "@{ Name = 'configuration'; AsRoot = $false; Publish = 'web' }";

    [UnixFact]
    public async Task It_publishes_what_the_balancer_does_not_serve_by_and_nothing_the_second_time()
    {
        using var fixture = Start(new() { Name = "web", Servers = ["web1"], Pool = ["app1"] });
        var calls = new List<string>();
        bool isPublished = false;
        fixture.Access = new TestAccess(fixture.Folder)
        {
            Publish = (balancer, server, plan) =>
            {
                calls.Add($"{balancer} on {server.Name}{(plan ? "" : ": published")}");
                string[] changes = isPublished ? [] : ["pool web is new, with 1 server"];
                isPublished |= !plan;
                return changes;
            },
        };
        Assert.Empty(await ProblemsAsync(fixture));
        Assert.True(await fixture.RunAsync());
        Assert.Equal(["pool web is new, with 1 server"], Assert.Single(fixture.Emitted).Changes);
        Assert.Equal(["web1 on web1", "web1 on web1: published"], calls);
        Assert.True(await fixture.RunAsync());
        Assert.Equal("configuration:AlreadyOk", fixture.States);
        Assert.Equal(3, calls.Count);
    }

    [UnixFact]
    public async Task What_is_written_by_hand_and_what_is_no_balancer_of_the_entry_is_found_before_anything_is_changed()
    {
        using (var fixture = Start(new() { Name = "web", Servers = ["web1"], Pool = ["app1"], IsManaged = false })) Assert.Contains("is written by hand", Assert.Single(await ProblemsAsync(fixture)), StringComparison.Ordinal);
        using (var fixture = Start(new() { Name = "web", Servers = ["app1"], Pool = ["app1"] })) Assert.Contains("web1", Assert.Single(await ProblemsAsync(fixture)), StringComparison.Ordinal);
        using (var fixture = Start(new() { Name = "other", Servers = ["web1"], Pool = ["app1"] })) Assert.Equal("RecoveryPlanInvalid", Assert.Throws<ProdOpsException>(() => fixture.Plan).ErrorId);
    }

    [Fact]
    public void Its_runbook_has_the_configuration_and_says_what_only_a_look_at_the_network_tells()
    {
        using var fixture = Start(new() { Name = "web", Servers = ["web1", "lb2"], Pool = ["app1"], VirtualAddress = "192.0.2.100" });
        var step = Assert.Single(Runbook.Of(fixture.Plan, fixture.Environment, []).Steps).Do;
        Assert.Contains("cat >/etc/haproxy/haproxy.cfg <<'END'", step.Commands, StringComparison.Ordinal);
        Assert.Contains("server app1 192.0.2.11:", step.Commands, StringComparison.Ordinal);
        Assert.DoesNotContain("@revision@", step.Commands, StringComparison.Ordinal);
        Assert.EndsWith("haproxy -c -f /etc/haproxy/haproxy.cfg && systemctl reload-or-restart haproxy\n", step.Commands, StringComparison.Ordinal);
        Assert.Contains("192.0.2.100 of web1 and lb2", step.Note, StringComparison.Ordinal);
    }

    private static Task<IReadOnlyList<string>> ProblemsAsync(ExecutionFixture fixture) =>
        new Preflight(fixture.Plan, fixture.Environment.Servers[0], fixture.Steps(), fixture.Environment, fixture.Access, SilentActivity.Instance, TimeProvider.System).RunAsync(default);

    private static ExecutionFixture Start(LoadBalancerDefinition entry)
    {
        var fixture = new ExecutionFixture(Steps);
        fixture.Environment = fixture.Environment with
        {
            Servers = [.. fixture.Environment.Servers, new Server { Name = "app1", Address = "192.0.2.11" }, new Server { Name = "lb2", Address = "192.0.2.2" }],
            LoadBalancers = [entry],
        };
        return fixture;
    }
}
