using System.Text.Json;
using FsCheck.Xunit;
using ProdOps.Recovery.Plans;

namespace ProdOps.Recovery.Tests.Plans;

public sealed class PlanWriterTests
{
    [Property(MaxTest = 150)]
    public void What_is_written_is_read_as_the_same_plan(int seed)
    {
        var plan = new RandomPlan(seed).Make();
        string text = PlanWriter.Write(plan);
        var reading = PlanReader.Parse(text, plan.Path, environment: null);
        Assert.Equal([], reading.Problems.Select(problem => $"{problem.Position.Line}: {problem.Key}: {problem.Message}"));
        Assert.Equal(JsonSerializer.Serialize(plan), JsonSerializer.Serialize(reading.Plan with { Revision = "" }));
        Assert.Equal(text, PlanWriter.Write(reading.Plan));
    }

    [Fact]
    public void A_plan_is_written_for_people()
    {
        var plan = new RecoveryPlan
        {
            Name = "web1",
            Server = "web1",
            Purpose = "Builds web1 anew.",
            Requires = new() { System = ["debian 12"], FreeSpace = 1 << 30 },
            Steps =
            [
                new() { Name = "packages", Kind = RecoveryStepKind.Package, Purpose = "What it runs.", Packages = ["nginx", "curl"] },
                new()
                {
                    Name = "configuration", Kind = RecoveryStepKind.File, DependsOn = ["packages"],
                    Files = [new() { Path = "/etc/nginx/nginx.conf", Source = "web1/etc/nginx/nginx.conf", Mode = "0644" }, new() { Path = "/etc/motd", Content = "web1\nmind the gap" }],
                },
                new() { Name = "nginx", Kind = RecoveryStepKind.Service, DependsOn = ["configuration"], Services = ["nginx"], Enabled = true, Verify = [new() { Name = "", Kind = HealthCheckKind.Http, Target = "http://{server}/" }] },
                new() { Name = "disk", Kind = RecoveryStepKind.Manual, Text = "Order a disk." },
            ],
        };
        Assert.Equal("""
            # Recovery plan web1. It is read as data and never executed; Export-RecoveryPlan makes the runbook from it.
            @{
                Server   = 'web1'
                Scenario = 'ServerLost'
                Purpose  = 'Builds web1 anew.'
                Requires = @{ System = 'debian 12'; FreeSpace = 1073741824 }
                Steps    = @(
                    @{
                        Name    = 'packages'
                        Purpose = 'What it runs.'
                        Package = 'nginx', 'curl'
                    }
                    @{
                        Name = 'configuration'
                        File = @(
                            @{ Path = '/etc/nginx/nginx.conf'; Source = 'web1/etc/nginx/nginx.conf'; Mode = '0644' }
                            @{
                                Path    = '/etc/motd'
                                Content = @'
            web1
            mind the gap
            '@
                            }
                        )
                    }
                    @{
                        Name    = 'nginx'
                        Service = 'nginx'
                        Enabled = $true
                        Verify  = @{ Http = 'http://{server}/' }
                    }
                    @{
                        Name      = 'disk'
                        Manual    = 'Order a disk.'
                        DependsOn = @()
                    }
                )
            }

            """, PlanWriter.Write(plan));
    }
}
