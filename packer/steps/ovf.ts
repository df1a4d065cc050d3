const DMTF = 'http://schemas.dmtf.org';
const CIM = `${DMTF}/wbem/wscim/1/cim-schema/2`;
const VMDK = 'http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized';
const MEMORY_MB = 4096;

const ITEMS = [
  { ElementName: 'cpu', InstanceID: 1, ResourceType: 3, VirtualQuantity: 2 },
  {
    AllocationUnits: 'byte * 2^20',
    ElementName: 'memory',
    InstanceID: 2,
    ResourceType: 4,
    VirtualQuantity: MEMORY_MB,
  },
  {
    Address: 0,
    ElementName: 'scsi0',
    InstanceID: 3,
    ResourceSubType: 'VirtualSCSI',
    ResourceType: 6,
  },
  {
    AddressOnParent: 0,
    ElementName: 'disk1',
    HostResource: 'ovf:/disk/disk1',
    InstanceID: 4,
    Parent: 3,
    ResourceType: 17,
  },
  {
    AutomaticAllocation: 'true',
    Connection: 'people',
    ElementName: 'ethernet0',
    InstanceID: 5,
    ResourceSubType: 'VmxNet3',
    ResourceType: 10,
  },
];

/** The machine of a disk, in OVF 1: UEFI with Secure Boot and a TPM, one disk, one network card. */
export function describe(disk: string, sizes: { file: number; disk: number }): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="${DMTF}/ovf/envelope/1" xmlns:ovf="${DMTF}/ovf/envelope/1"
  xmlns:rasd="${CIM}/CIM_ResourceAllocationSettingData" xmlns:vssd="${CIM}/CIM_VirtualSystemSettingData"
  xmlns:vmw="http://www.vmware.com/schema/ovf">
  <References><File ovf:href="${disk}" ovf:id="file1" ovf:size="${sizes.file}"/></References>
  <DiskSection><Info>Its disk</Info>
    <Disk ovf:diskId="disk1" ovf:fileRef="file1" ovf:capacity="${sizes.disk}"
      ovf:capacityAllocationUnits="byte" ovf:format="${VMDK}"/>
  </DiskSection>
  <NetworkSection><Info>Its network</Info>
    <Network ovf:name="people"><Description>From which people reach it</Description></Network>
  </NetworkSection>
  <VirtualSystem ovf:id="physiclaw"><Info>Physiclaw</Info><Name>physiclaw</Name>
    <OperatingSystemSection ovf:id="96" vmw:osType="debian12_64Guest"><Info>Debian</Info></OperatingSystemSection>
    <VirtualHardwareSection><Info>Its hardware</Info>
      <System><vssd:ElementName>Virtual Hardware Family</vssd:ElementName>
        <vssd:InstanceID>0</vssd:InstanceID>
        <vssd:VirtualSystemType>vmx-19</vssd:VirtualSystemType></System>
${ITEMS.map(itemOf).join('\n')}
      <vmw:Config ovf:required="false" vmw:key="firmware" vmw:value="efi"/>
      <vmw:Config ovf:required="false" vmw:key="bootOptions.efiSecureBootEnabled" vmw:value="true"/>
    </VirtualHardwareSection>
  </VirtualSystem>
</Envelope>
`;
}

function itemOf(item: Readonly<Record<string, string | number>>): string {
  const fields = Object.entries(item).map(
    ([name, value]) => `<rasd:${name}>${value}</rasd:${name}>`,
  );
  return `      <Item>${fields.join('')}</Item>`;
}
