using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Tests.Repositories;

/// <summary>Whose process numbers are taken for this machine's.</summary>
public sealed class ProcessScopeTests
{
    [Theory]
    [InlineData("m1 b1 pid:[4026531836]", "m1 b1 pid:[4026531836]", "has ended")]
    [InlineData("m1 b1 pid:[4026531836]", "m1 b2 pid:[4026531836]", "was started again")]
    [InlineData("m1 b1 pid:[4026531836]", "m2 b2 pid:[4026531836]", null)]
    [InlineData(" b1 pid:[4026531836]", " b2 pid:[4026531836]", null)]
    [InlineData("m1 b1 pid:[4026532001]", "m1 b1 pid:[4026532002]", "was started again")]
    [InlineData("m1 b1 pid:[4026532001]", "m2 b1 pid:[4026532002]", null)]
    [InlineData(" b1 pid:[4026532001]", " b1 pid:[4026532002]", null)]
    [InlineData(" b1 pid:[4026532001]", " b2 pid:[4026532001]", null)]
    [InlineData("m1 b1 pid:[4026531836]", " b1 pid:[4026532002]", null)]
    [InlineData(null, "m1 b1 pid:[4026531836]", "has ended")]
    [InlineData("m1 b1 pid:[4026531836]", null, "has ended")]
    public void A_process_of_another_container_or_of_a_cloned_machine_is_not_taken_for_dead(string? ofLock, string? own, string? reason)
    {
        var now = TimeProvider.System.GetUtcNow();
        // A number that no process has.
        var file = new LockFile { HostName = LocalHost.Name, ProcessId = int.MaxValue, Time = Rfc3339Time.From(now), Scope = ProcessScope.Parse(ofLock) };
        string? found = LockFile.Parse(file.ToJson()).FindStaleReason(now, ProcessScope.Parse(own));
        if (reason is null) Assert.Null(found);
        else Assert.Contains(reason, found, StringComparison.Ordinal);
        Assert.Contains("not refreshed", LockFile.Parse(file.ToJson()).FindStaleReason(now.AddHours(1), ProcessScope.Parse(own)), StringComparison.Ordinal);
    }

    [LinuxFact]
    public void A_lock_of_ours_says_where_its_process_is()
    {
        Assert.Matches("^[0-9a-f]{0,16} [0-9a-f-]{36} pid:\\[[0-9]+\\]$", ProcessScope.Own!.ToString());
        Assert.Equal(ProcessScope.Own, LockFile.Parse(LockFile.OfThisProcess(exclusive: true, TimeProvider.System).ToJson()).Scope);
    }
}
